import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.operations import backup
from apps.operations.results import written_size


class Command(BaseCommand):
    help = "备份全部数据和佐证文件，写成一个文件并立即核对；使用中也可以备份"

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="文件夹", help="写到哪里，默认 BACKUP_DIR")
        parser.add_argument("--keep", type=int, metavar="份数", help="只留最近几份，更早的删除")

    def handle(self, *args, **options):
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep 至少为 1。")
        folder = Path(options["to"] or settings.BACKUP_DIR)
        at, began = timezone.now(), time.perf_counter()
        path = folder / f"courtplan-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            summary = backup.write(path, at=at)
        except (OSError, backup.BackupError) as error:
            raise CommandError(f"没有备份成：{error}") from None
        size, seconds = written_size(path.stat().st_size), time.perf_counter() - began
        self.stdout.write(
            f"已备份并核对：{path}（{summary.n_rows} 行，{summary.n_files} 个文件，{size}，用时 {seconds:.1f} 秒）"
        )
        if summary.dump:
            self.stdout.write(f"其中 {summary.dump}（{written_size(summary.dump_size)}）不用本系统也能打开。")
        else:
            self.stdout.write(f"其中没有不用本系统也能打开的数据库：{summary.no_dump}。")
        if options["keep"]:
            for old in sorted(folder.glob(backup.FILE_PATTERN))[: -options["keep"]]:
                old.unlink()
                self.stdout.write(f"已删除较早的备份：{old.name}")
