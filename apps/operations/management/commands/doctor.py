import contextlib
import json
import os
from itertools import groupby

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import translation

from apps.operations.checks import CheckContext, impatient_connection, run_all
from apps.operations.choices import State

MARKS = {State.WELL: "✓", State.NOTE: "·", State.WATCH: "！", State.BAD: "✗"}


class Command(BaseCommand):
    help = "检查这套安装有什么问题，怎样修复；有须修复的，退出码为 1"
    # What keeps other commands from starting is what this one reports.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="写成 JSON，供程序读取")
        parser.add_argument("--quick", action="store_true", help="不通读备份，不逐个比对样式和脚本")
        parser.add_argument("--port", type=int, help="服务的端口，默认为 PORT 或 8000")

    def handle(self, *args, **options):
        port = options["port"] or _number(os.environ.get("PORT", ""))
        # An unreachable database is found out in seconds.
        with contextlib.closing(impatient_connection()) as connection, translation.override("zh-hans"):
            results = run_all(CheckContext(is_thorough=not options["quick"], port=port, connection=connection))
            (self._write_json if options["json"] else self._write_text)(results)
        n_bad = sum(result.state == State.BAD for result in results)
        if n_bad and options["json"]:
            raise SystemExit(1)
        if n_bad:
            raise CommandError(f"有 {n_bad} 项须修复。")

    def _write_text(self, results):
        for subject, group in groupby(results, key=lambda result: result.subject):
            self.stdout.write(f"\n{subject.label}")
            for result in group:
                self.stdout.write(f"  {MARKS[result.state]} {result.obj}：{result.msg}")
                if result.hint:
                    self.stdout.write(f"      → {result.hint}")
        n_watch = sum(result.state == State.WATCH for result in results)
        n_well = sum(result.is_well for result in results)
        n_unknown = sum(result.is_unknown for result in results)
        unknown = f"，{n_unknown} 项看不了" if n_unknown else ""
        self.stdout.write(f"\n共 {len(results)} 项，{n_well} 项没有问题，{n_watch} 项要留意{unknown}。")

    def _write_json(self, results):
        document = {
            "version": settings.VERSION,
            "is_well": all(result.state != State.BAD for result in results),
            "findings": [
                {
                    "subject": result.subject.value,
                    "check": result.check,
                    "state": result.state.key,
                    "reason": result.reason,
                    "said": result.msg,
                    "mend": result.hint,
                    "values": result.values,
                }
                for result in results
            ],
        }
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))


def _number(text):
    return int(text) if text.isdigit() else 8000
