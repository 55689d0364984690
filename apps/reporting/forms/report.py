"""The report form checks the shape of what was typed; what a report may say is decided by rules and services."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.assessment.tree import IndicatorStanding, MeasureStanding
from apps.core.figures import plain
from apps.core.forms import Day, ServiceErrorsMixin
from apps.core.wording import written_day
from apps.indicators.choices import Accumulation, Kind
from apps.indicators.models import Indicator
from apps.indicators.rules import MEASURED
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.selectors import Fact
from apps.reporting.content import (
    COLUMNS,
    LABELS,
    ReportContent,
    columns_of,
    parts_of,
    reading_input,
    without_no_change,
)
from apps.reporting.forms.fields import WHOLE_ERRORS, FigureField, LongTextField, ShortTextField, number_input
from apps.reporting.rules import READING_PARTS, doubts_about_reading, node_field, reading_field


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Where the measure would stand, were this content accepted."""

    content: ReportContent
    standing: MeasureStanding

    def reading(self, indicator):
        """The reading typed for the indicator; None where there is none."""
        readings = (reading for reading in self.content.readings if not reading.is_empty)
        return next((reading for reading in readings if reading.indicator_id == indicator.pk), None)

    def indicator_standing(self, indicator):
        return next((row for row in self.standing.indicators if row.indicator.pk == indicator.pk), None)


@dataclass(frozen=True, kw_only=True)
class ReadingGroup:
    """An indicator with its fields of the form.

    `standing` is as accepted, `last` the reading accepted before; `hypothetical` the standing with the figure typed
    now (None where none is), and `doubts` what to check about it.
    """

    indicator: Indicator
    fields: list[forms.BoundField]
    standing: IndicatorStanding
    last: Fact | None
    hypothetical: IndicatorStanding | None = None
    doubts: tuple[str, ...] = ()


class ReportForm(ServiceErrorsMixin, forms.Form):
    """One department's report on one measure for one window."""

    text = LongTextField(label=LABELS["text"], rows=5, missing=_("请填写进展情况。"))
    percent = FigureField(
        label=LABELS["percent"], unit="%", max_digits=6, decimal_places=2, missing=_("请填写完成进度。")
    )
    declared = forms.ChoiceField(label=LABELS["declared"], choices=Declared, widget=forms.RadioSelect)
    help_from = ShortTextField(
        label=LABELS["help_from"], max_length=120, attrs={"list": "who-may-help", "placeholder": " "}
    )
    problems = LongTextField(label=LABELS["problems"], rows=3)
    next_steps = LongTextField(label=LABELS["next_steps"], rows=3)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self, *args, standing, window, is_lead, today, report=None, previous=None, is_submitted=False, **kwargs
    ):
        self.standing, self.window = standing, window
        self.last_day = min(window.end, today)
        # A supporting department reports text only.
        self.indicators = [row for row in standing.indicators if _asks_for_reading(row)] if is_lead else []
        self.nodes = [row for row in standing.nodes if row.done_on is None] if is_lead else []
        super().__init__(*args, initial=self._initial(report, previous), **kwargs)
        if not is_lead or standing.nodes:
            del self.fields["percent"]
        for row in self.indicators:
            self._add_reading(row.indicator)
        for row in self.nodes:
            self._add_node(row)
        if self.is_bound and not is_submitted:
            # A draft may still lack anything.
            for field in self.fields.values():
                field.required = False

    # What the page shows

    def reading_groups(self, preview=None):
        groups = []
        for row in self.indicators:
            prefix = reading_field(row.indicator.pk, "")
            groups.append(
                ReadingGroup(
                    indicator=row.indicator,
                    fields=[self[name] for name in self.fields if name.startswith(prefix)],
                    standing=row,
                    last=_last_reading(row),
                    **self._outlook(row, preview),
                )
            )
        return groups

    def _outlook(self, row, preview):
        reading = preview and preview.reading(row.indicator)
        if not reading:
            return {}
        doubts = doubts_about_reading(
            reading,
            last=_last_reading(row, before=reading.period_end),
            unit=row.indicator.unit,
            scale=row.indicator.scale,
            first_day=self.standing.measure.plan.starts_on,
        )
        return {"hypothetical": preview.indicator_standing(row.indicator), "doubts": tuple(doubts)}

    @property
    def node_groups(self):
        return [{part: self[node_field(row.node.pk, part)] for part in ("done", "done_on")} for row in self.nodes]

    # What it hands to the services

    def clean(self):
        for row in self.nodes:
            done, done_on = node_field(row.node.pk, "done"), node_field(row.node.pk, "done_on")
            day_was_typed = self.cleaned_data.get(done_on) and done_on in self.changed_data
            if day_was_typed and not self.cleaned_data.get(done):
                self.add_error(done, _("填了完成日期的，请同时勾选。"))

    @property
    def fields_with_errors(self):
        return [self[name] for name in self.errors if name in self.fields]

    def content(self, *, keep_saved=True):
        """The input as the services take it.

        In place of what has an error stands what was saved, or nothing; all parts of one reading go together.
        """
        values = self._values(keep_saved=keep_saved)
        columns = {name: values.get(name) for name in COLUMNS}
        columns["declared"] = Declared(columns["declared"] or Declared.NORMAL)
        return ReportContent(
            **columns,
            readings=tuple(_reading(row.indicator, values) for row in self.indicators),
            nodes_done=tuple(
                (row.node.pk, values[node_field(row.node.pk, "done_on")] or self.last_day)
                for row in self.nodes
                if values[node_field(row.node.pk, "done")]
            ),
        )

    def _values(self, *, keep_saved):
        groups_with_errors = {_group(name) for name in self.errors if name in self.fields}
        values = {}
        for name, field in self.fields.items():
            if _group(name) in groups_with_errors:
                initial = self.get_initial_for_field(field, name) if keep_saved else None
                values[name] = field.to_python("" if initial is None else initial)
            else:
                values[name] = self.cleaned_data.get(name)
        return values

    # How it is made

    def _add_node(self, row):
        done, done_on = node_field(row.node.pk, "done"), node_field(row.node.pk, "done_on")
        due = _("时限 %(day)s") % {"day": written_day(row.due)}
        self.fields[done] = forms.BooleanField(label=row.node.title, help_text=due, required=False)
        self.fields[done_on] = Day(
            label=_("完成日期"), help_text=_("不填即为 %(day)s。") % {"day": written_day(self.last_day)}
        )
        self.fields[done_on].belongs_to = row.node.title

    def _add_reading(self, indicator):
        for part, field in _reading_fields(indicator):
            # Several indicators have a field of that name: a list of what is wrong has to tell them apart.
            field.belongs_to = indicator.name
            self.fields[reading_field(indicator.pk, part)] = field

    def _initial(self, report, previous):
        """The department's own draft; where there is none, the last approved report to go on from."""
        initial = columns_of(report or previous or ReportContent())
        initial |= {"percent": plain(initial["percent"]), "revision": report.revision if report else 0}
        if report is None:
            initial["text"] = without_no_change(initial["text"])
        for row in self.indicators:
            start, end = self._default_period(row.indicator)
            initial |= {
                reading_field(row.indicator.pk, "start"): start,
                reading_field(row.indicator.pk, "end"): end,
            }
        return initial | _saved_rows(report) if report else initial

    def _default_period(self, indicator):
        """Year to date for a figure that stands for itself; the window for one that adds up."""
        year_to_date = indicator.accumulation == Accumulation.LATEST
        start = self.standing.measure.plan.starts_on if year_to_date else self.window.start
        return start, self.last_day


def _asks_for_reading(row):
    if row.indicator.kind == Kind.ACHIEVED:
        return row.facts.achieved_on is None  # reported once
    return row.indicator.kind in MEASURED


def _reading_fields(indicator):
    """(part, field) of one reading, in the order in which people fill them in."""
    if indicator.kind == Kind.ACHIEVED:
        yield "achieved_on", Day(label=_("实现日期"), help_text=_("尚未实现的不填。"))
        return
    if indicator.has_parts:
        yield "numerator", FigureField(label=indicator.numerator_label or _("分子"))
        yield "denominator", FigureField(label=indicator.denominator_label or _("分母"))
        if indicator.accumulation == Accumulation.LATEST:
            # Published rates often differ from their own parts: where one is published, it is what counts.
            yield "value", FigureField(label=_("已公布的数值（没有的不填）"), unit=indicator.unit)
    else:
        yield "value", FigureField(label=_("本期数值"), unit=indicator.unit)
    if indicator.kind == Kind.RANK_WITHIN:
        yield (
            "out_of",
            forms.IntegerField(
                label=_("参评总数"),
                required=False,
                min_value=1,
                max_value=100_000,
                widget=number_input(),
                error_messages=WHOLE_ERRORS,
            ),
        )
        yield "source", ShortTextField(label=_("数据来源"), max_length=200)
    yield "start", Day(label=_("数据起始日"))
    yield "end", Day(label=_("数据截止日"))


def _group(name):
    """What a field is a part of: a reading, a node, or itself alone."""
    return name.rsplit("-", 1)[0]


def _reading(indicator, values):
    parts = {part: values.get(reading_field(indicator.pk, part)) for part in READING_PARTS}
    return reading_input(indicator, **parts | {"source": parts["source"] or ""})


def _last_reading(standing, *, before=None):
    """The latest reading accepted for an indicator, of an earlier end where `before` is given."""
    readings = (fact for fact in standing.readings_newest_first if fact.kind == EntryKind.READING)
    return next((fact for fact in readings if before is None or fact.speaks_of < before), None)


def _saved_rows(report):
    """A draft's readings and nodes, by the names of the form's fields."""
    saved = {}
    for reading in report.readings.all():
        parts = parts_of(reading)
        parts |= {part: plain(parts[part]) for part in ("value", "numerator", "denominator")}
        saved |= {reading_field(reading.indicator_id, part): value for part, value in parts.items()}
    for done in report.nodes_done.all():
        saved |= {node_field(done.node_id, "done"): True, node_field(done.node_id, "done_on"): done.done_on}
    return saved
