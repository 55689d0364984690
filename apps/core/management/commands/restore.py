from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.core import backup


class Command(BaseCommand):
    help = "把备份恢复到空的数据库和空的佐证文件夹，升到现在的版本，并核验审计记录"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="备份文件")
        parser.add_argument("--check", action="store_true", help="只核对备份是否完整，不恢复")

    def handle(self, *args, **options):
        try:
            act = backup.check if options["check"] else backup.restore
            summary = act(options["path"])
        except (OSError, backup.BackupError) as error:
            raise CommandError(f"没有恢复：{error}" if not options["check"] else str(error)) from None
        said = f"{summary.made_at} 的备份（{summary.vendor}）：{summary.n_rows} 行，{summary.n_files} 个文件"
        if options["check"]:
            self.stdout.write(f"{said}，完整。")
            return
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(f"{said}，已恢复。")
        call_command("verify_audit", stdout=self.stdout)
