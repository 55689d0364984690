from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from apps.core import guards
from apps.operations import backup, upgrading


class Command(BaseCommand):
    help = "先备份，再把数据库升到本版本；旧版本的进程可以继续服务。失败时退回原来的结构"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="文件夹", help="备份写到哪里，默认 BACKUP_DIR")
        parser.add_argument("--no-backup", action="store_true", help="不备份（刚刚备份过时）")
        parser.add_argument(
            "--wait", metavar="秒", type=float, default=0, help="数据库还连不上时，最多等几秒，默认不等"
        )
        parser.add_argument("--back-to", metavar="备份文件", help="退回这份备份写成时的数据库结构，不动其中的数据")

    def handle(self, *args, **options):
        try:
            upgrading.reach_database(
                wait=options["wait"], tell_waiting=lambda: self.stdout.write("数据库还连不上，等它启动……")
            )
        except OperationalError as error:
            raise CommandError(f"连不上数据库，没有做任何改动：{error}") from None
        try:
            with upgrading.alone(tell=self.stdout.write):
                if options["back_to"]:
                    self._go_back(options["back_to"])
                else:
                    self._go_on(options)
        except (OSError, backup.BackupError, upgrading.UpgradeError) as error:
            raise CommandError(str(error)) from None

    def _go_on(self, options):
        missing, is_new = upgrading.steps_missing(), not upgrading.steps_before()
        if missing and not is_new and not options["no_backup"]:
            self._back_up(options["to"])
        for line in () if is_new else upgrading.disturbances():
            self.stdout.write(f"提醒：旧版本的进程在重启前写入可能失败：{line}")
        upgrading.migrate(tell=self.stdout.write)
        call_command("loaddata", "roles", verbosity=0)
        if unguarded := guards.missing(connection):
            raise CommandError(f"防改动机制缺失：{'、'.join(unguarded)}")
        self.stdout.write(f"数据库已是本版本的结构（{'新建' if is_new else f'更新 {len(missing)} 步'}）。")

    def _back_up(self, folder):
        at = timezone.now()
        folder = Path(folder or settings.BACKUP_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"before-upgrade-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        summary = backup.write(path, at=at)
        self.stdout.write(f"升级前的备份已写成并核对：{path}（{summary.n_rows} 行，{summary.n_files} 个文件）")

    def _go_back(self, path):
        upgrading.undo_to(backup.migrations_of(path), tell=self.stdout.write)
        self.stdout.write("数据库已退回备份时的结构，数据没有丢失。请用原来的版本运行 manage.py migrate，再启动服务。")
