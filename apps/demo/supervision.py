"""Instructions, extensions and closings of the made-up year."""

from functools import partial

from apps.core.workdays import add_workdays, next_workday
from apps.supervision import services

HOURS = {"instruction": 14, "extension": 15, "closing": 16}


def plan_supervision(year, story):
    """Put every act of supervision on its day."""
    for entry in story["instructions"]:
        _plan_instruction(year, entry)
    for entry in story["extensions"]:
        _plan_extension(year, entry)
    for entry in story["closings"]:
        plan_closing(year, **entry)


def _plan_instruction(year, entry):
    indicator = year.indicators.get(entry["about"])
    measure = year.measures[indicator.measure.code if indicator else entry["about"]]
    people = _people(year, measure)
    create = partial(
        services.instruct,
        **({"indicator": indicator} if indicator else {"measure": measure}),
        department=measure.lead,
        text=entry["text"],
        answer_by=entry["answer_by"],
        by=people["leader"],
    )
    rows = _plan_item(year, create, entry["on"], hour=11)
    if entry["steps"]:
        read_on = add_workdays(entry["on"], 1)
        year.on(read_on, lambda at: services.mark_read(instruction=rows[0], by=people["reporter"], at=at), hour=8)
    _plan_steps(year, "instruction", rows, entry["steps"], people)


def _plan_extension(year, entry):
    measure = year.measures[entry["measure"]]
    people = _people(year, measure)
    details = {name: entry[name] for name in ("reason", "progress", "new_due")}
    create = partial(services.ask_extension, measure=measure, by=people["reporter"], **details)
    rows = _plan_item(year, create, entry["on"], hour=9)
    _plan_steps(year, "extension", rows, entry["steps"], people)


def plan_closing(year, *, measure, on, result, steps):
    """A closing asked for on a working day, and what was decided on it. `measure` is the code."""
    measure = year.measures[measure]
    people = _people(year, measure)
    finished_on = next_workday(on)
    create = partial(
        services.ask_closing, measure=measure, finished_on=finished_on, result=result, by=people["reporter"]
    )
    rows = _plan_item(year, create, on, hour=14)
    _plan_steps(year, "closing", rows, steps, people)


def _people(year, measure):
    """Who takes a step: the one in charge of the measure, or the office."""
    leaders = year.cast.leaders
    return {
        "leader": leaders[measure.pillar.number % len(leaders)],
        "reviewer": year.cast.reviewers[measure.lead_id],
        "reporter": year.cast.reporters[measure.lead_id],
        "office": year.cast.plan_admin,
    }


def _plan_item(year, create, day, *, hour):
    """A list that holds the row as soon as its first act is done."""
    rows = []
    year.on(day, lambda at: rows.append(create(at=at)), hour=hour)
    return rows


def _plan_steps(year, kind, rows, steps, people):
    for step in steps:
        details = {name: value for name, value in step.items() if name not in ("on", "by")}

        def take(at, by=people[step["by"]], details=details):
            services.transition(item=rows[0], **details, by=by, at=at)

        year.on(step["on"], take, hour=HOURS[kind])
