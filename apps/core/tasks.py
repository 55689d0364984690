"""Background tasks: what is enqueued lies in the database until the worker (`manage.py db_worker`) has done it."""

from datetime import datetime, timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

RESULT_LIFETIME = timedelta(days=2)


def delete_old_task_results(*, at: datetime) -> None:
    """Also of tasks whose worker died: nobody else ends those. What still waits is left."""
    DBTaskResult.objects.exclude(status=TaskResultStatus.READY).filter(started_at__lt=at - RESULT_LIFETIME).delete()
