from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.audit.services import seal_existing


class Command(BaseCommand):
    help = "从没有封存机制的版本升级后运行一次：把已有的台账等记录按现状封存，并在各院审计记录中写明"

    def handle(self, *args, **options):
        try:
            n_rows = seal_existing(at=timezone.now())
        except ValueError:
            raise CommandError("已经封存过。以后出现的没有审计记录的行，须当作异常查明。") from None
        self.stdout.write(f"已封存 {n_rows} 条。" if n_rows else "没有需要封存的记录。")
