from django.utils import timezone
from django_tasks import task

from apps.core.tasks import delete_old_task_results
from apps.office.models import ImportFile


@task()
def delete_expired_uploads() -> None:
    now = timezone.now()
    ImportFile.objects.expired(at=now).delete()
    delete_old_task_results(at=now)
