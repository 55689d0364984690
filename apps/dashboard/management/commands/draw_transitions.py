from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.plans.rules import WORKFLOW as PLAN
from apps.reporting.rules import WORKFLOW as REPORT
from apps.supervision.rules import CLOSING, EXTENSION, INSTRUCTION

PATH = Path(settings.BASE_DIR) / "docs" / "transitions.md"
INTRODUCTION = """# 状态与流转

每一张图、每一张表都由程序里的流转表画出（`manage.py draw_transitions`），表里没有的操作一概不能进行。
"""


class Command(BaseCommand):
    help = "按程序里的流转表重画 docs/transitions.md"

    def handle(self, *args, **options):
        PATH.write_text(transitions_page(), encoding="utf-8")
        self.stdout.write(f"已写入 docs/{PATH.name}。")


def transitions_page():
    workflows = {
        "年度工作计划": PLAN,
        "进展填报": REPORT,
        "批示": INSTRUCTION,
        "延期": EXTENSION,
        "销号": CLOSING,
    }
    return "\n".join([INTRODUCTION, *(workflow.markdown(title) for title, workflow in workflows.items())])
