"""Where an indicator stands, and its light."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from apps.assessment.choices import Accumulation, FindingCode, Kind, Light, Pace, Standing, Strength
from apps.assessment.rules.facts import Finding, IndicatorFacts, IndicatorVerdict, Thresholds
from apps.assessment.rules.readings import value_on
from apps.assessment.rules.severity import worst
from apps.assessment.rules.timing import elapsed_share, is_due_soon

HUNDRED = Decimal(100)

DEFAULT_PACE = {
    Kind.WITHIN: Pace.ALWAYS,
    Kind.AT_MOST: Pace.ALWAYS,
    Kind.BELOW_BASELINE: Pace.ALWAYS,
    Kind.ABOVE_BASELINE: Pace.ALWAYS,
    Kind.ALL_MET: Pace.ALWAYS,
}
NOT_MET = frozenset({Standing.OUT, Standing.BEHIND, Standing.MISSED})
UNKNOWN = frozenset({Standing.NO_DATA, Standing.NO_TARGET})


def judge_indicator(facts: IndicatorFacts, *, on: date, thresholds: Thresholds = Thresholds()) -> IndicatorVerdict:  # noqa: B008 – frozen
    """Where an indicator stands on a day, with its working."""
    judge = JUDGE_OF.get(facts.kind, _judge_figure)
    return judge(facts, on=on, thresholds=thresholds)


def has_target(facts: IndicatorFacts) -> bool:
    """Whether the bound that the kind needs is there."""
    needs = {
        Kind.AT_LEAST: facts.low is not None,
        Kind.AT_MOST: facts.high is not None,
        Kind.WITHIN: facts.low is not None or facts.high is not None,
        Kind.BELOW_BASELINE: facts.baseline is not None,
        Kind.ABOVE_BASELINE: facts.baseline is not None,
        Kind.RANK_WITHIN: facts.high is not None,
        Kind.ALL_MET: bool(facts.members),
        Kind.COUNT_MET: bool(facts.members) and facts.low is not None,
    }
    return needs.get(facts.kind, True)


def is_met(facts: IndicatorFacts, value: Decimal) -> bool:
    """Whether the value satisfies the target; the edges of a range are inside."""
    match facts.kind:
        case Kind.AT_LEAST | Kind.COUNT_MET:
            return value >= facts.low
        case Kind.AT_MOST:
            return value <= facts.high
        case Kind.WITHIN:
            return (facts.low is None or value >= facts.low) and (facts.high is None or value <= facts.high)
        case Kind.BELOW_BASELINE:
            return value < facts.baseline
        case Kind.ABOVE_BASELINE:
            return value > facts.baseline
        case _:  # RANK_WITHIN
            return 1 <= value <= facts.high


# Figures: AT_LEAST, AT_MOST, WITHIN, the baselines, RANK_WITHIN


def _judge_figure(facts: IndicatorFacts, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    value, findings = value_on(facts, on=on)
    if not has_target(facts):
        verdict = _no_target(value, findings)
        return verdict if value is None else _with_missed_readings(facts, verdict)
    if value is None:
        return _without_value(facts, findings, on=on, thresholds=thresholds)
    verdict = _judge_value(facts, value, on=on, thresholds=thresholds)
    verdict = replace(verdict, attainment=_attainment(facts, value), findings=findings + verdict.findings)
    return _with_missed_readings(facts, verdict)


def _judge_value(facts: IndicatorFacts, value: Decimal, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    if is_met(facts, value):
        return _met(facts, value, on=on)
    if on > facts.due:
        return _missed(facts, value)
    return _still_time(facts, value, on=on, thresholds=thresholds)


def _no_target(value: Decimal | None, findings: tuple[Finding, ...] = ()) -> IndicatorVerdict:
    return IndicatorVerdict(standing=Standing.NO_TARGET, light=Light.NO_DATA, value=value, findings=findings)


def _without_value(
    facts: IndicatorFacts, findings: tuple[Finding, ...], *, on: date, thresholds: Thresholds
) -> IndicatorVerdict:
    if facts.readings_missed >= 1 or on > facts.due:
        return IndicatorVerdict(standing=Standing.NO_DATA, light=Light.NO_DATA, findings=findings)
    return _pending(facts, None, findings, on=on, thresholds=thresholds)


def _met(facts: IndicatorFacts, value: Decimal, *, on: date) -> IndicatorVerdict:
    """Met and final where it can't be undone or the last day has passed; else met so far."""
    cannot_be_undone = facts.kind == Kind.AT_LEAST and facts.accumulation == Accumulation.SUM
    light = Light.DONE if cannot_be_undone or on > facts.due else Light.ON_TRACK
    stretched = facts.stretch is not None and value >= facts.stretch
    findings = (Finding(FindingCode.STRETCH_MET, None, {"stretch": facts.stretch}),) if stretched else ()
    return IndicatorVerdict(standing=Standing.MET, light=light, value=value, findings=findings)


def _missed(facts: IndicatorFacts, value: Decimal | None = None) -> IndicatorVerdict:
    """The last day has passed and it is not met. Missing what was only striven for is no failure."""
    light = Light.LATE if facts.strength == Strength.MUST else Light.WATCH
    return IndicatorVerdict(standing=Standing.MISSED, light=light, value=value)


def _pending(
    facts: IndicatorFacts,
    value: Decimal | None,
    findings: tuple[Finding, ...] = (),
    *,
    on: date,
    thresholds: Thresholds,
) -> IndicatorVerdict:
    if is_due_soon(due=facts.due, on=on, days=thresholds.due_soon_days):
        soon = Finding(FindingCode.DUE_SOON, Light.WATCH, {"days": (facts.due - on).days})
        return IndicatorVerdict(standing=Standing.PENDING, light=Light.WATCH, value=value, findings=(*findings, soon))
    return IndicatorVerdict(standing=Standing.PENDING, light=Light.NOT_DUE, value=value, findings=tuple(findings))


def _still_time(facts: IndicatorFacts, value: Decimal, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    pace = facts.pace or DEFAULT_PACE.get(facts.kind, Pace.AT_DUE)
    if pace == Pace.ALWAYS:
        return IndicatorVerdict(standing=Standing.OUT, light=Light.WATCH, value=value)
    if pace in (Pace.LINEAR, Pace.STEPS) and facts.kind == Kind.AT_LEAST and facts.low > 0:
        return _by_pace(facts, value, pace, on=on, thresholds=thresholds)
    return _pending(facts, value, on=on, thresholds=thresholds)


def _by_pace(
    facts: IndicatorFacts, value: Decimal, pace: Pace, *, on: date, thresholds: Thresholds
) -> IndicatorVerdict:
    expected = _expected(facts, pace, on=on)
    shortfall = HUNDRED * (expected - value) / facts.low
    if shortfall < thresholds.watch_gap:
        return IndicatorVerdict(standing=Standing.ON_COURSE, light=Light.ON_TRACK, value=value, expected=expected)
    light = Light.LATE if shortfall >= thresholds.late_gap else Light.WATCH
    finding = Finding(FindingCode.BEHIND, light, {"gap": shortfall})
    return IndicatorVerdict(standing=Standing.BEHIND, light=light, value=value, expected=expected, findings=(finding,))


def _expected(facts: IndicatorFacts, pace: Pace, *, on: date) -> Decimal:
    if pace == Pace.LINEAR:
        return facts.low * elapsed_share(start=facts.start, due=facts.due, on=on)
    reached = [(day, value) for day, value in facts.steps if day <= on]
    return max(reached)[1] if reached else Decimal(0)


def _attainment(facts: IndicatorFacts, value: Decimal) -> Decimal | None:
    if facts.kind not in (Kind.AT_LEAST, Kind.COUNT_MET) or facts.low == 0:
        return None
    return HUNDRED * value / facts.low


def _with_missed_readings(facts: IndicatorFacts, verdict: IndicatorVerdict) -> IndicatorVerdict:
    """A figure whose readings stopped coming is never better than WATCH, unless it is final."""
    if facts.readings_missed < 1:
        return verdict
    finding = Finding(FindingCode.READING_MISSED, Light.WATCH, {"count": facts.readings_missed})
    light = verdict.light if verdict.light == Light.DONE else worst([verdict.light, Light.WATCH])
    return replace(verdict, light=light, findings=(*verdict.findings, finding))


# Facts without a figure: ACHIEVED, JUDGED


def _judge_achieved(facts: IndicatorFacts, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    if facts.achieved_on is not None and facts.achieved_on <= on:
        days = (facts.achieved_on - facts.due).days
        findings = (Finding(FindingCode.DONE_LATE, None, {"days": days}),) if days > 0 else ()
        return IndicatorVerdict(standing=Standing.MET, light=Light.DONE, findings=findings)
    if on > facts.due:
        return _missed(facts)
    return _pending(facts, None, on=on, thresholds=thresholds)


def _judge_judged(facts: IndicatorFacts, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    if facts.judged_met is None:
        if on > facts.due:
            return IndicatorVerdict(standing=Standing.NO_DATA, light=Light.NO_DATA)
        return _pending(facts, None, on=on, thresholds=thresholds)
    if facts.judged_met:
        return IndicatorVerdict(standing=Standing.MET, light=Light.DONE if on > facts.due else Light.ON_TRACK)
    if on > facts.due:
        return _missed(facts)
    return IndicatorVerdict(standing=Standing.OUT, light=Light.WATCH)


# Composites: ALL_MET, COUNT_MET


def _judge_all_met(facts: IndicatorFacts, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    if not has_target(facts):
        return _no_target(None)
    standings = [member.standing for member in facts.members]
    n_met = Decimal(standings.count(Standing.MET))
    if n_met == len(standings):
        verdict = _met(facts, n_met, on=on)
    elif NOT_MET & set(standings):
        verdict = _missed(facts, n_met) if on > facts.due else _still_time(facts, n_met, on=on, thresholds=thresholds)
    elif UNKNOWN & set(standings) or on > facts.due:
        verdict = IndicatorVerdict(standing=Standing.NO_DATA, light=Light.NO_DATA, value=n_met)
    else:
        verdict = _pending(facts, n_met, on=on, thresholds=thresholds)
    return replace(verdict, attainment=HUNDRED * n_met / len(standings))


def _judge_count_met(facts: IndicatorFacts, *, on: date, thresholds: Thresholds) -> IndicatorVerdict:
    if not has_target(facts):
        return _no_target(
            Decimal(sum(member.standing == Standing.MET for member in facts.members)) if facts.members else None
        )
    n_met = Decimal(sum(member.standing == Standing.MET for member in facts.members))
    verdict = _judge_value(facts, n_met, on=on, thresholds=thresholds)
    return replace(verdict, attainment=_attainment(facts, n_met))


JUDGE_OF = {
    Kind.ACHIEVED: _judge_achieved,
    Kind.JUDGED: _judge_judged,
    Kind.ALL_MET: _judge_all_met,
    Kind.COUNT_MET: _judge_count_met,
}
