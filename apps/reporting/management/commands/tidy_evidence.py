import time

from django.core.management.base import BaseCommand

from apps.reporting.evidence_files import delete_file, files_on_disk, is_intact
from apps.reporting.models import Evidence
from apps.reporting.selectors import was_handed_in

SECONDS_IN_DAY = 24 * 60 * 60


class Command(BaseCommand):
    help = "清理没有登记的佐证文件（上传中断时留下的，满一天后清理），并核对已登记的文件是否都在、是否被改动"

    def handle(self, *args, **options):
        # Files before rows: a file that is added meanwhile has its row by the time rows are read.
        on_disk = list(files_on_disk())
        evidence_files = Evidence.objects.exclude(path="")
        by_path = {evidence.path: evidence for evidence in evidence_files}
        orphans = [path for path, at in on_disk if path not in by_path and time.time() - at > SECONDS_IN_DAY]
        # Deleted when they were taken off, unless the process died at that moment.
        paths = [path for path, _at in on_disk if path in by_path and by_path[path].removed_at is not None]
        removed = [path for path in paths if not was_handed_in(by_path[path])]
        for path in orphans + removed:
            delete_file(path)
        self.stdout.write(f"清理没有登记的文件 {len(orphans)} 个，提交前已移除而没有删净的文件 {len(removed)} 个。")
        broken = [row for row in evidence_files.filter(removed_at=None).iterator() if not is_intact(row)]
        for evidence in broken:
            self.stdout.write(f"文件缺失或与登记的校验值不符：{evidence.report} · {evidence.name}")
        self.stdout.write(f"核对已登记的文件 {len(by_path)} 个，异常 {len(broken)} 个。")
