from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.operations import backup


class Command(BaseCommand):
    help = "备份全部数据和佐证文件，写成一个文件并立即核对；使用中也可以备份"

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="文件夹", help="写到哪里，默认 BACKUP_DIR")
        parser.add_argument("--keep", type=int, metavar="份数", help="只留最近几份，更早的删除")

    def handle(self, *args, **options):
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep 至少为 1。")
        folder = Path(options["to"] or settings.BACKUP_DIR)
        at = timezone.now()
        path = folder / f"courtplan-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            summary = backup.write(path, at=at)
        except (OSError, backup.BackupError) as error:
            raise CommandError(f"没有备份成：{error}") from None
        self.stdout.write(
            f"已备份并核对：{path}（{summary.n_rows} 行，{summary.n_files} 个文件，{path.stat().st_size / 1024**2:.1f} MB）"
        )
        if options["keep"]:
            for old in sorted(folder.glob(backup.NAMED_SO))[: -options["keep"]]:
                old.unlink()
                self.stdout.write(f"已删除较早的备份：{old.name}")
