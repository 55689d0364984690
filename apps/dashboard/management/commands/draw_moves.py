from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.core.moves import drawing_of
from apps.plans.choices import PlanStatus
from apps.plans.rules import MOVERS as PLAN_MOVERS
from apps.plans.rules import MOVES as PLAN_MOVES
from apps.reporting.choices import ReportStatus
from apps.reporting.rules import MOVERS, MOVES
from apps.supervision.rules import CLOSING, EXTENSION, INSTRUCTION

PLACE = Path(settings.BASE_DIR) / "docs" / "moves.md"
INTRODUCTION = """# 状态与流转

每一张图、每一张表都由程序里的流转表画出（`manage.py draw_moves`），表里没有的操作一概不能进行。
"""


class Command(BaseCommand):
    help = "按程序里的流转表重画 docs/moves.md"

    def handle(self, *args, **options):
        PLACE.write_text(drawing(), encoding="utf-8")
        self.stdout.write(f"已写入 docs/{PLACE.name}。")


def drawing():
    ways = (("批示", INSTRUCTION), ("延期", EXTENSION), ("销号", CLOSING))
    return "\n".join(
        [
            INTRODUCTION,
            drawing_of("年度工作计划", begins=PlanStatus.DRAFT, moves=PLAN_MOVES, movers=PLAN_MOVERS),
            drawing_of("进展填报", begins=ReportStatus.DRAFT, moves=MOVES, movers=MOVERS),
            *(drawing_of(title, begins=way.begins, moves=way.moves, movers=way.movers) for title, way in ways),
        ]
    )
