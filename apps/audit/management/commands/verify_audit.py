from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.audit.selectors import chain_states, records_state, still_holds
from apps.audit.services import note_verification
from apps.audit.wording import ranges


class Command(BaseCommand):
    help = "逐条核验审计记录和台账等记录是否被改动或缺失，并记下核验结果；宜每夜运行"

    def add_arguments(self, parser):
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="法院:序号:校验值",
            help="先前记在系统之外的序号和校验值，核验是否仍然相同；可以给多个",
        )

    def handle(self, *args, **options):
        states, records = chain_states(), records_state()
        note_verification(states, records, at=timezone.now())
        for state in states:
            verdict = (
                f"完整，最后一条 {state.last_number} {state.last_hash}"
                if state.is_whole
                else f"异常：被改动 {ranges(state.broken) or '无'}，缺失 {ranges(state.missing) or '无'}"
            )
            self.stdout.write(f"{state.court or '（系统）'}：{state.n_events} 条，{verdict}")
        self.stdout.write(f"台账等记录：{records.n_rows} 条，{'相符' if records.is_whole else '异常'}")
        for name, found in (
            ("被改动", records.altered),
            ("缺失", records.missing),
            ("没有审计记录", records.unrecorded),
            ("防改动机制缺失", records.unguarded),
        ):
            if found:
                self.stdout.write(f"  {name}：{'、'.join(found)}")
        anchors_hold = [self._holds(anchor) for anchor in options["anchor"]]
        if not (all(anchors_hold) and records.is_whole and all(state.is_whole for state in states)):
            raise CommandError("审计记录不完整。")

    def _holds(self, anchor):
        try:
            court, number, noted_hash = anchor.split(":")
            holds = still_holds(court=court, number=int(number), noted_hash=noted_hash)
        except ValueError:
            raise CommandError(f"“{anchor}”的写法应为 法院:序号:校验值。") from None
        self.stdout.write(f"{court} 第 {number} 条：{'与记下的相同' if holds else '与记下的不符'}")
        return holds
