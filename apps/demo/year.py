"""Living through the made-up year, act by act in the order of their moments."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from apps.core.workdays import add_workdays, next_workday
from apps.demo.story import load_story
from apps.demo.supervision import plan_closing, plan_supervision
from apps.indicators.choices import Accumulation
from apps.indicators.services import order_target
from apps.ledger.choices import Declared
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
        self.story = load_story()
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

    def live(self, *, on_month):
        """Do everything in the order of its moment; `on_month(day)` is called as each month begins."""
        self._plan_office()
        for code, story in self.story["measures"].items():
            self._plan_measure(self.measures[code], story)
        plan_supervision(self, self.story)
        month = None
        for at, _number, act in sorted(self.acts, key=lambda entry: entry[:2]):
            if (at.year, at.month) != month:
                month = (at.year, at.month)
                on_month(at.date())
            act(at)

    def on(self, day, act, *, hour=10):
        """Put an act on a working day, at a minute of its own."""
        moment = datetime.combine(next_workday(day), time(hour, self.random.randrange(60)))
        self.acts.append((timezone.make_aware(moment), len(self.acts), act))

    # The office that keeps the plan

    def _plan_office(self):
        for measure in self.measures.values():
            self.on(date(2025, 1, 2), self._assigning(measure))
        for target in self.story["targets"]:
            self.on(target["made_on"], self._ordering_target(target))
        for adjustment in self.story["adjustments"]:
            self.on(adjustment["on"], self._ordering_adjustment(adjustment))

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

    def _ordering_target(self, target):
        return lambda at: order_target(
            indicator=self.indicators[target["indicator"]],
            values=target["values"],
            details=OrderDetails(reason=target["reason"], by=self.cast.plan_admin, at=at),
        )

    def _ordering_adjustment(self, adjustment):
        return lambda at: order_adjustment(
            measure=self.measures[adjustment["measure"]],
            adjustment=adjustment["adjustment"],
            details=OrderDetails(reason=adjustment["reason"], by=self.cast.plan_admin, at=at),
        )

    # One measure's year

    def _plan_measure(self, measure, story):
        for index, (title, due, _done_on) in enumerate(story.nodes):
            self.on(date(2025, 1, 8), self._adding_node(measure, index, title, due))
        windows = windows_of(year=self.plan.year, cadence=measure.cadence, grace_days=self.plan.grace_days)
        for quarter, window in enumerate(windows, start=1):
            if quarter not in story.unreported and (story.closed_on is None or window.end <= story.closed_on):
                self._plan_quarter(measure, story, quarter, window)
        if story.closed_on:
            confirmed = {"on": story.closed_on, "by": "office", "move": "confirm"}
            plan_closing(self, measure=measure.code, on=story.closed_on, result=self.story["result"], steps=[confirmed])

    def _adding_node(self, measure, index, title, due):
        def act(at):
            self.nodes[measure.pk, index] = add_node(
                measure=measure,
                title=f"{title}（示例）",
                due=due,
                details=OrderDetails(reason=REASON_FIRST, by=self.cast.plan_admin, at=at),
            )

        return act

    def _plan_quarter(self, measure, story, quarter, window):
        outcome = story.last_report if quarter == LAST_QUARTER else "approved"
        if outcome == "unwritten":
            return
        written_on = self._day_of_writing(story, quarter, window)
        reporter = self.cast.reporters[measure.lead_id]
        reviewer = self.cast.reviewers[measure.lead_id]
        self.on(written_on, lambda at: self._write(measure, story, quarter, window, by=reporter, at=at), hour=9)
        decided_on = add_workdays(written_on, self.random.randint(1, 2))
        reason = self.random.choice(self.story["reasons_to_return"])
        if quarter in story.returned or outcome == "returned":
            self.on(
                decided_on,
                lambda at: return_report(report=self._report(measure, window), reason=reason, by=reviewer, at=at),
            )
            if outcome == "returned":
                return
            rewritten_on = add_workdays(decided_on, 1)
            self.on(rewritten_on, lambda at: self._write(measure, story, quarter, window, by=reporter, at=at), hour=9)
            decided_on = add_workdays(rewritten_on, 1)
        if outcome == "submitted":
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
        declared = story.declared.get(str(quarter), Declared.NORMAL)
        percent = story.percents[quarter - 1]
        return ReportContent(
            text=f"示例：{self.random.choice(self._texts(story, quarter))}",
            percent=None if story.nodes or percent is None else Decimal(percent),
            declared=declared,
            problems=self.story["problems"].get(declared, ""),
            next_steps=f"示例：{self.random.choice(self.story['next_steps'])}",
            readings=tuple(self._readings(measure, quarter, window, today=today)),
            nodes_done=tuple(
                (self.nodes[measure.pk, index].pk, done_on)
                for index, (_title, _due, done_on) in enumerate(story.nodes)
                if done_on is not None and window.contains(done_on) and done_on <= today
            ),
        )

    def _texts(self, story, quarter):
        """Words that fit the figures: nobody writes that all is done where it is not."""
        is_unfinished = story.is_slow or any(done_on is None for _title, _due, done_on in story.nodes)
        return self.story["unfinished"] if is_unfinished and quarter > 1 else self.story["texts"][str(quarter)]

    def _readings(self, measure, quarter, window, *, today):
        for indicator in measure.indicators.all():
            reported_in, achieved_on = self.story["achieved"].get(indicator.code, (None, None))
            if reported_in == quarter and achieved_on <= today:
                yield reading_input(indicator, achieved_on=achieved_on)
            figure = self.story["readings"].get(indicator.code, {}).get(str(quarter))
            if figure is None:
                continue
            parts = figure if isinstance(figure, list) else (None, None)
            to_date = indicator.accumulation == Accumulation.LATEST
            yield reading_input(
                indicator,
                period_start=self.plan.starts_on if to_date else window.start,
                period_end=min(window.end, today),
                value=None if isinstance(figure, list) else Decimal(figure),
                numerator=parts[0] and Decimal(parts[0]),
                denominator=parts[1] and Decimal(parts[1]),
            )
