from django.core.management.base import BaseCommand, CommandError

from apps.audit.selectors import chain_states


class Command(BaseCommand):
    help = "逐条核验审计记录是否被改动或缺失"

    def handle(self, *args, **options):
        states = chain_states()
        for state in states:
            verdict = "完整" if state.is_whole else f"异常：被改动 {list(state.broken)}，缺失 {list(state.missing)}"
            self.stdout.write(f"{state.court or '（系统）'}：{state.n_events} 条，{verdict}")
        if not all(state.is_whole for state in states):
            raise CommandError("审计记录不完整。")
