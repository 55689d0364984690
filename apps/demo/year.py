"""Living through the made-up year, act by act in the order of their moments."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from apps.core.workdays import add_workdays, next_workday
from apps.demo.story import (
    ACHIEVED,
    NEXT_STEPS,
    PROBLEMS,
    READINGS,
    REASONS_TO_RETURN,
    SLIPPING,
    STORIES,
    STUCK,
    TARGETS,
    TEXTS,
    UNFINISHED,
    Fate,
)
from apps.demo.supervision import RESULT, tell_closing, tell_oversight
from apps.indicators.choices import Accumulation
from apps.indicators.services import order_target
from apps.ledger.choices import Declared
from apps.plans.choices import Adjustment
from apps.plans.rules import windows_of
from apps.plans.services import REASON_FIRST, OrderDetails, add_node, assign_measure, order_adjustment
from apps.reporting.content import ReportContent, reading_input
from apps.reporting.services import approve_report, return_report, save_draft, submit_report, withdraw_approval

SEED = 2025
LAST_QUARTER = 4


class Year:
    """Collects the year's acts, then does them one after the other."""

    def __init__(self, plan, cast):
        self.plan, self.cast = plan, cast
        self.random = random.Random(SEED)  # noqa: S311 – the same story every time is the point
        self.acts = []
        self.measures = {
            measure.code: measure
            for measure in plan.measures.select_related("plan__court", "pillar", "lead").prefetch_related(
                "indicators", "support"
            )
        }
        self.indicators = {
            indicator.code: indicator for indicator in plan.indicators.select_related("plan__court", "measure")
        }
        self.nodes = {}

    def live(self, *, tell):
        """Do everything in the order of its moment; `tell(month)` is called as each month begins."""
        self._plan_office()
        for code, story in STORIES.items():
            self._tell_story(self.measures[code], story)
        tell_oversight(self)
        month = None
        for at, _place, act in sorted(self.acts, key=lambda entry: entry[:2]):
            if (at.year, at.month) != month:
                month = (at.year, at.month)
                tell(at.date())
            act(at)

    def on(self, day, act, *, hour=10):
        """Put an act on a working day, at a minute of its own."""
        moment = datetime.combine(next_workday(day), time(hour, self.random.randrange(60)))
        self.acts.append((timezone.make_aware(moment), len(self.acts), act))

    # The office that keeps the plan

    def _plan_office(self):
        for measure in self.measures.values():
            self.on(date(2025, 1, 2), self._assigning(measure))
        for story in TARGETS:
            self.on(story.made_on, self._ordering_target(story))
        by, experience = self.cast.plan_admin, self.measures["4.5"]
        self.on(
            date(2025, 4, 15),
            lambda at: order_adjustment(
                measure=experience,
                adjustment=Adjustment.PAUSE,
                details=OrderDetails(reason="示例：与上级部署统筹，暂缓推进", by=by, at=at),
            ),
        )
        self.on(
            date(2025, 9, 1),
            lambda at: order_adjustment(
                measure=experience,
                adjustment=Adjustment.RESUME,
                details=OrderDetails(reason="示例：恢复推进", by=by, at=at),
            ),
        )

    def _assigning(self, measure):
        leader = self.cast.leaders[measure.pillar.number % len(self.cast.leaders)]
        return lambda at: assign_measure(
            measure=measure,
            lead=measure.lead,
            leader=leader,
            support=list(measure.support.all()),
            by=self.cast.plan_admin,
            at=at,
        )

    def _ordering_target(self, story):
        return lambda at: order_target(
            indicator=self.indicators[story.code],
            values=story.values,
            details=OrderDetails(reason=story.reason, by=self.cast.plan_admin, at=at),
        )

    # One measure's year

    def _tell_story(self, measure, story):
        for place, (title, due, _done_on) in enumerate(story.nodes):
            self.on(date(2025, 1, 8), self._adding_node(measure, place, title, due))
        windows = windows_of(year=self.plan.year, cadence=measure.cadence, grace_days=self.plan.grace_days)
        for quarter, window in enumerate(windows, start=1):
            if quarter not in story.unreported and (story.closed_on is None or window.end <= story.closed_on):
                self._tell_quarter(measure, story, quarter, window)
        if story.closed_on:
            tell_closing(self, measure, story.closed_on, RESULT, [(story.closed_on, "office", "confirm", "")])

    def _adding_node(self, measure, place, title, due):
        def act(at):
            self.nodes[measure.pk, place] = add_node(
                measure=measure,
                title=f"{title}（示例）",
                due=due,
                details=OrderDetails(reason=REASON_FIRST, by=self.cast.plan_admin, at=at),
            )

        return act

    def _tell_quarter(self, measure, story, quarter, window):
        fate = story.fate if quarter == LAST_QUARTER else Fate.APPROVED
        if fate == Fate.UNWRITTEN:
            return
        written_on = self._day_of_writing(story, quarter, window)
        reporter = self.cast.reporters[measure.lead_id]
        reviewer = self.cast.reviewers[measure.lead_id]
        self.on(written_on, lambda at: self._write(measure, story, quarter, window, by=reporter, at=at), hour=9)
        decided_on = add_workdays(written_on, self.random.randint(1, 2))
        reason = self.random.choice(REASONS_TO_RETURN)
        if quarter in story.returned or fate == Fate.RETURNED:
            self.on(
                decided_on,
                lambda at: return_report(report=self._report(measure, window), reason=reason, by=reviewer, at=at),
            )
            if fate == Fate.RETURNED:
                return
            rewritten_on = add_workdays(decided_on, 1)
            self.on(rewritten_on, lambda at: self._write(measure, story, quarter, window, by=reporter, at=at), hour=9)
            decided_on = add_workdays(rewritten_on, 1)
        if fate == Fate.SUBMITTED:
            return
        self.on(decided_on, lambda at: approve_report(report=self._report(measure, window), by=reviewer, at=at))
        if measure.code == "3.5" and quarter == 2:  # one approval is taken back, and the report handed in again
            self._take_back(measure, story, quarter, window, decided_on)

    def _take_back(self, measure, story, quarter, window, decided_on):
        reporter, reviewer = self.cast.reporters[measure.lead_id], self.cast.reviewers[measure.lead_id]
        self.on(
            add_workdays(decided_on, 4),
            lambda at: withdraw_approval(
                report=self._report(measure, window),
                reason="示例：进度多报，经核实更正",
                by=self.cast.plan_admin,
                at=at,
            ),
        )
        again_on = add_workdays(decided_on, 5)
        self.on(again_on, lambda at: self._write(measure, story, quarter, window, by=reporter, at=at), hour=9)
        self.on(
            add_workdays(again_on, 1),
            lambda at: approve_report(report=self._report(measure, window), by=reviewer, at=at),
        )

    def _day_of_writing(self, story, quarter, window):
        """Most write in the last days of the quarter; a late one three weeks after its window closed."""
        if quarter in story.late:
            return window.closes_on + timedelta(days=21)
        return window.end - timedelta(days=self.random.randint(2, 8))

    # Reports

    def _report(self, measure, window):
        return measure.reports.get(window_end=window.end, department=measure.lead)

    def _write(self, measure, story, quarter, window, *, by, at):
        standing = measure.reports.filter(window_end=window.end, department=measure.lead).first()
        report = save_draft(
            measure=measure,
            department=measure.lead,
            window=window,
            content=self._content(measure, story, quarter, window, today=timezone.localdate(at)),
            revision=standing.revision if standing else 0,
            by=by,
            at=at,
        )
        submit_report(report=report, by=by, at=at + timedelta(minutes=5))

    def _content(self, measure, story, quarter, window, *, today):
        declared = story.declared.get(quarter, Declared.NORMAL)
        percent = story.percents[quarter - 1]
        return ReportContent(
            text=f"示例：{self.random.choice(self._texts(story, quarter))}",
            percent=None if story.nodes or percent is None else Decimal(percent),
            declared=declared,
            problems=PROBLEMS[declared],
            next_steps=f"示例：{self.random.choice(NEXT_STEPS)}",
            readings=tuple(self._readings(measure, quarter, window, today=today)),
            nodes_done=tuple(
                (self.nodes[measure.pk, place].pk, done_on)
                for place, (_title, _due, done_on) in enumerate(story.nodes)
                if done_on is not None and window.contains(done_on) and done_on <= today
            ),
        )

    def _texts(self, story, quarter):
        """Words that fit the figures: nobody writes that all is done where it is not."""
        unfinished = any(done_on is None for _title, _due, done_on in story.nodes) or story.percents in (
            SLIPPING,
            STUCK,
        )
        return UNFINISHED if unfinished and quarter > 1 else TEXTS[quarter]

    def _readings(self, measure, quarter, window, *, today):
        for indicator in measure.indicators.all():
            said_in, achieved_on = ACHIEVED.get(indicator.code, (None, None))
            if said_in == quarter and achieved_on <= today:
                yield reading_input(indicator, achieved_on=achieved_on)
            figure = READINGS.get(indicator.code, {}).get(quarter)
            if figure is None:
                continue
            parts = figure if isinstance(figure, tuple) else (None, None)
            to_date = indicator.accumulation == Accumulation.LATEST
            yield reading_input(
                indicator,
                period_start=self.plan.starts_on if to_date else window.start,
                period_end=min(window.end, today),
                value=None if isinstance(figure, tuple) else Decimal(figure),
                numerator=parts[0] and Decimal(parts[0]),
                denominator=parts[1] and Decimal(parts[1]),
            )
