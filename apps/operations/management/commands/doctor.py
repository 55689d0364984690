import contextlib
import json
import os
from itertools import groupby

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation

from apps.operations import wording
from apps.operations.choices import State
from apps.operations.selectors import Look, condition_of, impatient_connection

MARKS = {State.WELL: "✓", State.NOTE: "·", State.WATCH: "！", State.BAD: "✗"}


class Command(BaseCommand):
    help = "检查这套安装有什么问题，怎样修复；有须修复的，退出码为 1"
    # What keeps the others from starting is what this one is asked about.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="写成 JSON，供程序读取")
        parser.add_argument("--quick", action="store_true", help="不通读备份，不逐个比对样式和脚本")
        parser.add_argument("--port", type=int, help="服务的端口，默认为 PORT 或 8000")

    def handle(self, *args, **options):
        port = options["port"] or _number(os.environ.get("PORT", ""))
        connection = impatient_connection()  # a machine that isn't there is found out in seconds
        look = Look(now=timezone.now(), is_thorough=not options["quick"], port=port, connection=connection)
        with contextlib.closing(connection), translation.override("zh-hans"):
            lines = condition_of(look)
            (self._as_json if options["json"] else self._as_text)(lines)
        n_bad = sum(line.finding.state == State.BAD for line in lines)
        if n_bad and options["json"]:
            raise SystemExit(1)
        if n_bad:
            raise CommandError(f"有 {n_bad} 项须修复。")

    def _as_text(self, lines):
        for subject, some in groupby(lines, key=lambda line: line.subject):
            self.stdout.write(f"\n{subject.label}")
            for line in some:
                finding = line.finding
                self.stdout.write(f"  {MARKS[finding.state]} {wording.name_of(finding)}：{wording.said(finding)}")
                if mend := wording.mend(finding):
                    self.stdout.write(f"      → {mend}")
        n_watch = sum(line.finding.state == State.WATCH for line in lines)
        n_well = sum(line.finding.is_well for line in lines)
        n_unknown = sum(line.finding.is_unknown for line in lines)
        unseen = f"，{n_unknown} 项看不了" if n_unknown else ""
        self.stdout.write(f"\n共 {len(lines)} 项，{n_well} 项没有问题，{n_watch} 项要留意{unseen}。")

    def _as_json(self, lines):
        told = {
            "version": settings.VERSION,
            "is_well": all(line.finding.state != State.BAD for line in lines),
            "findings": [
                {
                    "subject": line.subject.value,
                    "check": line.finding.check,
                    "state": line.finding.state.key,
                    "reason": line.finding.reason,
                    "said": wording.said(line.finding),
                    "mend": wording.mend(line.finding),
                    "values": line.finding.values,
                }
                for line in lines
            ],
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))


def _number(text):
    return int(text) if text.isdigit() else 8000
