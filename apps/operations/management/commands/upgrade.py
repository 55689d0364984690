from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from apps.core import guards
from apps.operations import backup, upgrades


class Command(BaseCommand):
    help = "先备份，再把数据库升到本版本；旧版本的进程可以继续服务"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="文件夹", help="备份写到哪里，默认 BACKUP_DIR")
        parser.add_argument("--no-backup", action="store_true", help="不备份（刚刚备份过时）")
        parser.add_argument(
            "--wait", metavar="秒", type=float, default=0, help="数据库还连不上时，最多等几秒，默认不等"
        )

    def handle(self, *args, **options):
        try:
            upgrades.reach_database(timeout=options["wait"], report_progress=self.stdout.write)
        except OperationalError as error:
            raise CommandError(f"连不上数据库，没有做任何改动：{error}") from None
        path = None
        try:
            with upgrades.upgrade_lock(report_progress=self.stdout.write):
                missing, is_new = upgrades.missing_migrations(), not upgrades.applied_migrations()
                if missing and not is_new and not options["no_backup"]:
                    path = self._back_up(Path(options["to"] or settings.BACKUP_DIR))
                upgrades.migrate(report_progress=self.stdout.write)
                call_command("loaddata", "roles", verbosity=0)
        except (OSError, backup.BackupError) as error:
            raise CommandError(f"没有升级，数据库没有改动：{error}") from None
        except upgrades.UpgradeError as error:
            hint = f"\n要退回，请停止服务，用原来的版本运行：bin/restore --replace {path}" if path else ""
            raise CommandError(f"{error}{hint}") from None
        if unguarded := guards.missing(connection):
            raise CommandError(f"防改动机制缺失：{'、'.join(unguarded)}")
        self.stdout.write(f"数据库已是本版本的结构（{'新建' if is_new else f'更新 {len(missing)} 步'}）。")

    def _back_up(self, folder):
        at = timezone.now()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"before-upgrade-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        summary = backup.write(path, at=at)
        self.stdout.write(f"升级前的备份已写成并核对：{path}（{summary.n_rows} 行，{summary.n_files} 个文件）")
        return path
