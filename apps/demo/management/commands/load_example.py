from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.accounts.models import Court


class Command(BaseCommand):
    help = "装入角色；在还没有法院的数据库中，再装入示例法院和 2025 年工作计划"

    def handle(self, *args, **options):
        call_command("loaddata", "roles", verbosity=0)
        if Court.objects.exists():
            self.stdout.write("角色已就绪；数据库中已有法院，不再装入示例计划。")
            return
        call_command("loaddata", "example_court", "plan_2025", "indicator_sets", verbosity=0)
        self.stdout.write("角色、示例法院和 2025 年工作计划已装入。")
