from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.models import Court, User
from apps.audit.models import AuditEvent
from apps.demo.cast import gather
from apps.demo.year import Year
from apps.ledger.models import LedgerEntry
from apps.plans.models import Plan
from apps.reporting.models import Report


class Command(BaseCommand):
    help = "在示例计划上演示一年的填报、审核与调整（全部为示例数据）"

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="数据库中已有人员或数据时安静地跳过，而不是报错")

    def handle(self, *args, **options):
        if Court.objects.filter(has_demo_data=True).exists():
            self.stdout.write("示例数据已在，未作改动。")
            return
        refusal = self._refusal()
        if refusal:
            if options["if_empty"]:
                self.stdout.write(f"{refusal}不装入示例数据。")
                return
            raise CommandError(f"{refusal}不能装入示例数据。")
        with transaction.atomic():
            plan = Plan.objects.select_related("court").get()
            year = Year(plan, gather(plan.court))
            year.live(on_month=lambda day: self.stdout.write(f"  示例数据：{day.year}年{day.month}月……"))
        self.stdout.write("示例数据已装入。")

    def _refusal(self):
        """Why this database is not one to demonstrate in; empty where it is."""
        others = {
            "人员": User.objects.exists(),
            "填报": Report.objects.exists(),
            "台账": LedgerEntry.objects.exists(),
            "审计记录": AuditEvent.objects.exists(),
        }
        found = [name for name, is_there in others.items() if is_there]
        if found:
            return f"数据库中已有{'、'.join(found)}，"
        if list(Plan.objects.values_list("court__slug", "year")) != [("kfq", 2025)]:
            return "数据库中的计划不是（或不只是）示例法院的 2025 年计划，"
        return ""
