"""The report form: shape only. What a report may say is decided by the rules, through the services."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.figures import plain
from apps.core.wording import written_day
from apps.indicators.choices import Accumulation, Kind
from apps.indicators.models import Indicator
from apps.indicators.rules import MEASURED
from apps.ledger.choices import Declared
from apps.progress.content import ReportContent, reading_input
from apps.progress.rules import LONGEST_TEXT

FIGURE_ERRORS = {
    "invalid": _("请填写数字。"),
    "max_digits": _("数字太长。"),
    "max_decimal_places": _("小数位数太多。"),
    "max_whole_digits": _("数字太大。"),
}
WHOLE_ERRORS = {
    "invalid": _("请填写整数。"),
    "min_value": _("须大于 0。"),
    "max_value": _("数字太大。"),
}
DAY_ERRORS = {"invalid": _("日期写法如 2025-06-30。")}


class LongText(forms.CharField):
    """A text of at most 2,000 characters; one that is longer is kept as typed and says by how much."""

    def __init__(self, *, rows, missing="", **kwargs):
        super().__init__(
            required=bool(missing),
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"required": missing, "max_length": _("最多 %(limit_value)d 字，现有 %(show_value)d 字。")},
            **kwargs,
        )

    def widget_attrs(self, widget):
        # No maxlength in the browser: it would cut what is pasted without a word.
        return {}


def _plain_box(unit=""):
    """A number in a plain text box: a browser's number box throws away what it can't read."""
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | {"data-unit": unit} if unit else attrs)


class Figure(forms.DecimalField):
    def __init__(self, *, unit="", max_digits=14, decimal_places=4, missing="", **kwargs):
        super().__init__(
            required=bool(missing),
            max_digits=max_digits,
            decimal_places=decimal_places,
            widget=_plain_box(unit),
            error_messages=FIGURE_ERRORS | {"required": missing},
            **kwargs,
        )


class Day(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages=DAY_ERRORS,
            **kwargs,
        )


@dataclass(frozen=True)
class ReadingGroup:
    """An indicator with its fields of the form and where it stands."""

    indicator: Indicator
    fields: list
    standing: object


class ReportForm(forms.Form):
    """One department's report on one measure for one window."""

    text = LongText(label=_("进展情况"), rows=5, missing=_("请填写进展情况。"))
    percent = Figure(label=_("完成进度"), unit="%", max_digits=6, decimal_places=2, missing=_("请填写完成进度。"))
    declared = forms.ChoiceField(label=_("推进情况"), choices=Declared, widget=forms.RadioSelect)
    problems = LongText(label=_("存在问题及需协调"), rows=3)
    next_steps = LongText(label=_("下一步打算"), rows=3)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self, *args, standing, window, is_lead, report=None, previous=None, today, is_handed_in=False, **kwargs
    ):
        self.standing, self.window, self.is_lead, self.today = standing, window, is_lead, today
        self.indicators = [
            one
            for one in standing.indicators
            if one.indicator.kind in MEASURED
            or (one.indicator.kind == Kind.ACHIEVED and one.facts.achieved_on is None)  # said once is enough
        ]
        super().__init__(*args, initial=self._initial(report, previous), **kwargs)
        self.open_nodes = [one for one in standing.nodes if one.done_on is None] if is_lead else []
        if not is_lead or standing.nodes:
            del self.fields["percent"]
        if is_lead:
            for one in self.indicators:
                self._add_reading(one.indicator)
        for one in self.open_nodes:
            due = _("时限 %(day)s") % {"day": written_day(one.due)}
            self.fields[f"node-{one.node.pk}-done_on"] = Day(label=one.node.title, help_text=due)
        if self.is_bound and not is_handed_in:
            # A draft may still lack anything.
            for field in self.fields.values():
                field.required = False

    # What a person sees

    @property
    def reading_groups(self):
        return [
            ReadingGroup(
                indicator=one.indicator,
                fields=[self[name] for name in self.fields if name.startswith(f"reading-{one.indicator.pk}-")],
                standing=one,
            )
            for one in (self.indicators if self.is_lead else ())
        ]

    @property
    def node_fields(self):
        return [self[name] for name in self.fields if name.startswith("node-")]

    # What happened meanwhile

    def saw(self, report):
        """The writer has now been shown this state of the report; the next saving builds on it."""
        self.data = self.data.copy()
        self.data["revision"] = str(report.revision)

    def take_problems(self, problems):
        """Errors found by the services, each at its field where the form has it."""
        for name, errors in (
            problems.message_dict.items() if hasattr(problems, "error_dict") else [(None, problems.messages)]
        ):
            self.add_error(name if name in self.fields else None, errors)

    # What it hands on

    def content(self):
        """The cleaned input as the services take it."""
        data = self.cleaned_data
        return ReportContent(
            text=data["text"],
            percent=data.get("percent"),
            declared=Declared(data["declared"] or Declared.NORMAL),
            problems=data["problems"],
            next_steps=data["next_steps"],
            readings=tuple(self._reading(one.indicator) for one in self.indicators) if self.is_lead else (),
            nodes_done=tuple(
                (one.node.pk, done_on)
                for one in self.open_nodes
                if (done_on := data[f"node-{one.node.pk}-done_on"]) is not None
            ),
        )

    def _reading(self, indicator):
        parts = {
            name: self.cleaned_data.get(f"reading-{indicator.pk}-{part}")
            for name, part in {
                "value": "value",
                "numerator": "numerator",
                "denominator": "denominator",
                "achieved_on": "achieved_on",
                "out_of": "out_of",
                "period_start": "start",
                "period_end": "end",
            }.items()
        }
        source = self.cleaned_data.get(f"reading-{indicator.pk}-source") or ""
        return reading_input(indicator, source=source, **parts)

    # How it is made

    def _add_reading(self, indicator):
        prefix = f"reading-{indicator.pk}-"
        if indicator.kind == Kind.ACHIEVED:
            self.fields[f"{prefix}achieved_on"] = Day(label=_("实现日期"), help_text=_("尚未实现的不填。"))
            return
        if indicator.has_parts:
            self.fields[f"{prefix}numerator"] = Figure(label=indicator.numerator_label or _("分子"))
            self.fields[f"{prefix}denominator"] = Figure(label=indicator.denominator_label or _("分母"))
        else:
            self.fields[f"{prefix}value"] = Figure(label=_("本期数值"), unit=indicator.unit)
        if indicator.kind == Kind.RANK_WITHIN:
            self.fields[f"{prefix}out_of"] = forms.IntegerField(
                label=_("参评总数"),
                required=False,
                min_value=1,
                max_value=100_000,
                widget=_plain_box(),
                error_messages=WHOLE_ERRORS,
            )
            self.fields[f"{prefix}source"] = forms.CharField(label=_("数据来源"), required=False, max_length=200)
        self.fields[f"{prefix}start"] = Day(label=_("数据起始日"))
        self.fields[f"{prefix}end"] = Day(label=_("数据截止日"))

    def _initial(self, report, previous):
        """The department's own draft; where there is none, the last approved report to go on from."""
        source = report or previous
        initial = {
            "revision": report.revision if report else 0,
            "declared": source.declared if source else Declared.NORMAL,
        }
        if source:
            initial |= {
                "text": source.text,
                "percent": plain(source.percent),
                "problems": source.problems,
                "next_steps": source.next_steps,
            }
        for one in self.indicators:
            prefix = f"reading-{one.indicator.pk}-"
            initial[f"{prefix}start"], initial[f"{prefix}end"] = self._default_period(one.indicator)
        if report:
            initial |= _saved_parts(report)
        return initial

    def _default_period(self, indicator):
        """Year to date for a figure that stands for itself; the window for one that adds up."""
        year_to_date = indicator.accumulation == Accumulation.LATEST
        start = self.standing.measure.plan.starts_on if year_to_date else self.window.start
        return start, min(self.window.end, self.today)


def _saved_parts(report):
    saved = {}
    for reading in report.readings.all():
        prefix = f"reading-{reading.indicator_id}-"
        if reading.achieved_on is not None:
            saved[f"{prefix}achieved_on"] = reading.achieved_on
            continue
        saved |= {
            f"{prefix}value": plain(reading.value),
            f"{prefix}numerator": plain(reading.numerator),
            f"{prefix}denominator": plain(reading.denominator),
            f"{prefix}out_of": reading.out_of,
            f"{prefix}source": reading.source,
            f"{prefix}start": reading.period_start,
            f"{prefix}end": reading.period_end,
        }
    for done in report.nodes_done.all():
        saved[f"node-{done.node_id}-done_on"] = done.done_on
    return saved


class ReasonForm(forms.Form):
    """A decision that needs a sentence."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("请写明理由。"),
            "max_length": _("最多 %(limit_value)d 字，现有 %(show_value)d 字。"),
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
