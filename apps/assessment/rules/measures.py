"""A measure's light: one small function for each thing that can be found."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from apps.assessment.choices import Declared, FindingCode, Light, NodeState, Strength
from apps.assessment.rules.facts import Finding, MeasureFacts, MeasureVerdict, NodeFacts, Thresholds
from apps.assessment.rules.severity import worst
from apps.assessment.rules.timing import elapsed_share, is_due_soon

FULL = Decimal(100)
# From this many missed nodes on, a measure is late however short the delay.
MANY_NODES = 2


def judge_measure(facts: MeasureFacts, *, on: date, thresholds: Thresholds = Thresholds()) -> MeasureVerdict:  # noqa: B008 – frozen
    """The light of a measure on a day, with its working."""
    percent = percent_done(facts, on=on)
    expected = percent_expected(facts, on=on)
    if facts.paused:
        return MeasureVerdict(
            light=Light.PAUSED, percent=percent, expected=expected, findings=(Finding(FindingCode.PAUSED, None),)
        )
    if facts.closed_on is not None and facts.closed_on <= on:
        return MeasureVerdict(light=Light.DONE, percent=FULL, expected=expected, findings=closing_findings(facts))
    findings = tuple(
        finding
        for finding in (
            overdue(facts, percent, on=on),
            node_missed(facts, on=on, thresholds=thresholds),
            behind(facts, percent, expected, thresholds=thresholds),
            report_missed(facts, percent),
            declared(facts),
            due_soon(facts, percent, on=on, thresholds=thresholds),
            indicator_in_trouble(facts),
            awaiting_close(percent),
        )
        if finding is not None
    )
    severities = [finding.severity for finding in findings if finding.severity is not None]
    light = worst([*severities, base_light(facts, percent, on=on)])
    return MeasureVerdict(light=light, percent=percent, expected=expected, findings=findings)


def percent_done(facts: MeasureFacts, *, on: date) -> Decimal | None:
    """By nodes where there are any, else as last accepted; None where nobody knows."""
    if not facts.nodes:
        return facts.percent
    return _share_of_weight(facts.nodes, lambda node: _is_done(node, on=on))


def percent_expected(facts: MeasureFacts, *, on: date) -> Decimal:
    """What was due by the day."""
    if not facts.nodes:
        return FULL * elapsed_share(start=facts.start, due=facts.due, on=on)
    return _share_of_weight(facts.nodes, lambda node: node.due < on) or Decimal(0)


def base_light(facts: MeasureFacts, percent: Decimal | None, *, on: date) -> Light:
    if percent is None or (on < facts.start and percent == 0):
        return Light.NOT_DUE
    return Light.ON_TRACK


def closing_findings(facts: MeasureFacts) -> tuple[Finding, ...]:
    days = (facts.closed_on - facts.due).days
    return (Finding(FindingCode.DONE_LATE, None, {"days": days}),) if days > 0 else ()


def overdue(facts: MeasureFacts, percent: Decimal | None, *, on: date) -> Finding | None:
    if on <= facts.due or not _is_unfinished(percent):
        return None
    return Finding(FindingCode.OVERDUE, Light.LATE, {"days": (on - facts.due).days})


def node_missed(facts: MeasureFacts, *, on: date, thresholds: Thresholds) -> Finding | None:
    missed = [node for node in facts.nodes if node_state(node, on=on) == NodeState.OVERDUE]
    if not missed:
        return None
    days = max((on - node.due).days for node in missed)
    is_late = len(missed) >= MANY_NODES or days > thresholds.node_late_days
    severity = Light.LATE if is_late else Light.WATCH
    return Finding(FindingCode.NODE_MISSED, severity, {"count": len(missed), "days": days})


def node_state(node: NodeFacts, *, on: date) -> NodeState:
    """Done, overdue or planned on the day. `node.due` is the last day that is in time."""
    if _is_done(node, on=on):
        return NodeState.DONE
    return NodeState.OVERDUE if node.due < on else NodeState.PLANNED


def behind(
    facts: MeasureFacts, percent: Decimal | None, expected: Decimal, *, thresholds: Thresholds
) -> Finding | None:
    if facts.nodes or percent is None or expected - percent < thresholds.watch_gap:
        return None
    gap = expected - percent
    severity = Light.LATE if gap >= thresholds.late_gap else Light.WATCH
    return Finding(FindingCode.BEHIND, severity, {"gap": gap})


def report_missed(facts: MeasureFacts, percent: Decimal | None) -> Finding | None:
    """Silence is not failure: it asks for a report, and where nothing is known, for data."""
    if facts.reports_missed < 1:
        return None
    severity = Light.NO_DATA if percent is None else Light.WATCH
    return Finding(FindingCode.REPORT_MISSED, severity, {"count": facts.reports_missed})


def declared(facts: MeasureFacts) -> Finding | None:
    if facts.declared == Declared.BLOCKED:
        return Finding(FindingCode.BLOCKED, Light.WATCH)
    if facts.declared == Declared.NEEDS_HELP:
        return Finding(FindingCode.NEEDS_HELP, None)
    return None


def due_soon(facts: MeasureFacts, percent: Decimal | None, *, on: date, thresholds: Thresholds) -> Finding | None:
    if not is_due_soon(due=facts.due, on=on, days=thresholds.due_soon_days) or not _is_unfinished(percent):
        return None
    return Finding(FindingCode.DUE_SOON, Light.WATCH, {"days": (facts.due - on).days})


def indicator_in_trouble(facts: MeasureFacts) -> Finding | None:
    troubled = [(light, strength) for light, strength in facts.indicators if light in (Light.LATE, Light.WATCH)]
    if not troubled:
        return None
    severity = Light.LATE if (Light.LATE, Strength.MUST) in troubled else Light.WATCH
    return Finding(FindingCode.INDICATOR, severity, {"count": len(troubled)})


def awaiting_close(percent: Decimal | None) -> Finding | None:
    return None if _is_unfinished(percent) else Finding(FindingCode.AWAITING_CLOSE, None)


def _is_done(node: NodeFacts, *, on: date) -> bool:
    return node.done_on is not None and node.done_on <= on


def _is_unfinished(percent: Decimal | None) -> bool:
    return percent is None or percent < FULL


def _share_of_weight(nodes: Sequence[NodeFacts], counts: Callable[[NodeFacts], bool]) -> Decimal | None:
    whole = sum(node.weight for node in nodes)
    if whole <= 0:
        return None
    return FULL * sum((node.weight for node in nodes if counts(node)), Decimal(0)) / whole
