import time

from django.core.management.base import BaseCommand

from apps.reporting.evidence import erase, paths_on_disk, stands
from apps.reporting.models import Evidence
from apps.reporting.selectors import was_handed_in

DAY = 24 * 60 * 60


class Command(BaseCommand):
    help = "清理没有登记的佐证文件（上传中断时留下的，满一天后清理），并核对已登记的文件是否都在、是否被改动"

    def handle(self, *args, **options):
        on_disk = list(paths_on_disk())  # before the rows: what is added meanwhile has its row
        known = {one.path: one for one in Evidence.objects.exclude(path="")}
        orphans = [path for path, written in on_disk if path not in known and time.time() - written > DAY]
        # Erased when they were taken off, unless the process died right then.
        left = [path for path, _written in on_disk if path in known and _is_done_with(known[path])]
        for path in orphans + left:
            erase(path)
        self.stdout.write(f"清理没有登记的文件 {len(orphans)} 个，提交前已移除而没有删净的文件 {len(left)} 个。")
        broken = [
            one for one in Evidence.objects.exclude(path="").filter(removed_at=None).iterator() if not stands(one)
        ]
        for one in broken:
            self.stdout.write(f"文件缺失或与登记的校验值不符：{one.report} · {one.name}")
        self.stdout.write(f"核对已登记的文件 {len(known)} 个，异常 {len(broken)} 个。")


def _is_done_with(evidence):
    return evidence.removed_at is not None and not was_handed_in(evidence)
