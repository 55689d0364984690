"""The report form: shape only. What a report may say is decided by the rules, through the services."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.assessment.tree import IndicatorStanding
from apps.core.figures import plain
from apps.core.forms import Day, TypedText
from apps.core.uploads import ENDINGS
from apps.core.wording import written_day
from apps.indicators.choices import Accumulation, Kind
from apps.indicators.models import Indicator
from apps.indicators.rules import MEASURED
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.selectors import Fact
from apps.reporting.content import ReportContent, reading_input, without_no_change
from apps.reporting.rules import LONGEST_TEXT, LONGEST_URL, doubts_about_reading

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
TOO_LONG = _("最多 %(limit_value)d 字，现有 %(show_value)d 字。")


class LongText(TypedText):
    """A text of at most 2,000 characters; one that is longer is kept as typed and says by how much."""

    def __init__(self, *, rows, missing="", **kwargs):
        super().__init__(
            required=bool(missing),
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(
                attrs={
                    "rows": rows,
                    "dir": "auto",
                    "data-longest": LONGEST_TEXT,
                    "data-left": _("还可填 {n} 字"),
                    "data-over": _("超出 {n} 字"),
                }
            ),
            error_messages={"required": missing, "max_length": TOO_LONG},
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


class Words(TypedText):
    """A few words in one line."""

    def __init__(self, **attrs_and_options):
        attrs = attrs_and_options.pop("attrs", {})
        super().__init__(
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", **attrs}),
            error_messages={"max_length": TOO_LONG},
            **attrs_and_options,
        )

    def to_python(self, value):
        return " ".join(super().to_python(value).split())

    def widget_attrs(self, widget):
        return {}


@dataclass(frozen=True, kw_only=True)
class ReadingGroup:
    """An indicator with its fields of the form, where it stands, and what the typed figure would make of it.

    `last` is the figure accepted before; `supposed` the standing with the typed figure, None where none is typed.
    """

    indicator: Indicator
    fields: list
    standing: IndicatorStanding
    last: Fact | None
    supposed: IndicatorStanding | None
    doubts: list


@dataclass(frozen=True, kw_only=True)
class NodeFields:
    """A node with its tick and its day."""

    title: str
    done: forms.BoundField
    done_on: forms.BoundField


class ReportForm(forms.Form):
    """One department's report on one measure for one window."""

    text = LongText(label=_("进展情况"), rows=5, missing=_("请填写进展情况。"))
    percent = Figure(label=_("完成进度"), unit="%", max_digits=6, decimal_places=2, missing=_("请填写完成进度。"))
    declared = forms.ChoiceField(label=_("推进情况"), choices=Declared, widget=forms.RadioSelect)
    help_from = Words(label=_("需谁协调"), max_length=120, attrs={"list": "who-may-help", "placeholder": " "})
    problems = LongText(label=_("存在问题及需协调"), rows=3)
    next_steps = LongText(label=_("下一步打算"), rows=3)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self, *args, standing, window, is_lead, report=None, previous=None, today, is_handed_in=False, **kwargs
    ):
        self.standing, self.window, self.is_lead = standing, window, is_lead
        self.last_day = min(window.end, today)
        self.supposed = None
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
            self._add_node(one)
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
                last=_last_reading(one),
                **self._outlook(one),
            )
            for one in (self.indicators if self.is_lead else ())
        ]

    @property
    def node_groups(self):
        return [
            NodeFields(
                title=one.node.title,
                done=self[f"node-{one.node.pk}-done"],
                done_on=self[f"node-{one.node.pk}-done_on"],
            )
            for one in self.open_nodes
        ]

    def suppose(self, content, standing):
        """What the content would mean: `standing` is the measure's, were it accepted."""
        self.supposed = (content, standing)

    def _outlook(self, one):
        if self.supposed is None:
            return {"supposed": None, "doubts": []}
        content, standing = self.supposed
        reading = next((reading for reading in content.readings if reading.indicator_id == one.indicator.pk), None)
        if reading is None or reading.is_empty:
            return {"supposed": None, "doubts": []}
        doubts = doubts_about_reading(
            reading,
            last=_last_reading(one, before=reading.period_end),
            unit=one.indicator.unit,
            scale=one.indicator.scale,
            first_day=self.standing.measure.plan.starts_on,
        )
        supposed = next((other for other in standing.indicators if other.indicator.pk == one.indicator.pk), None)
        return {"supposed": supposed, "doubts": doubts}

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

    def clean(self):
        for one in self.open_nodes:
            name = f"node-{one.node.pk}-done"
            day_was_typed = self.cleaned_data.get(f"{name}_on") and f"{name}_on" in self.changed_data
            if day_was_typed and not self.cleaned_data.get(name):
                self.add_error(name, _("填了完成日期的，请同时勾选。"))

    def set_aside_errors(self, *, for_what_was_saved):
        """Let the rest of the form be used: in place of what has an error stands what was saved, or nothing.

        All parts of one figure go together. Returns the fields that were set aside.
        """
        wrong = [name for name in self.errors if name in self.fields]
        groups = {_group(name) for name in wrong}
        for name, field in self.fields.items():
            if _group(name) in groups:
                instead = self.get_initial_for_field(field, name) if for_what_was_saved else ""
                self.cleaned_data[name] = field.to_python("" if instead is None else instead)
        return [self[name] for name in wrong]

    def content(self):
        """The cleaned input as the services take it."""
        data = self.cleaned_data
        return ReportContent(
            text=data["text"],
            percent=data.get("percent"),
            declared=Declared(data["declared"] or Declared.NORMAL),
            problems=data["problems"],
            help_from=data["help_from"],
            next_steps=data["next_steps"],
            readings=tuple(self._reading(one.indicator) for one in self.indicators) if self.is_lead else (),
            nodes_done=tuple(
                (one.node.pk, data[f"node-{one.node.pk}-done_on"] or self.last_day)
                for one in self.open_nodes
                if data[f"node-{one.node.pk}-done"]
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

    def _add_node(self, one):
        due = _("时限 %(day)s") % {"day": written_day(one.due)}
        name = f"node-{one.node.pk}-done"
        self.fields[name] = forms.BooleanField(label=one.node.title, help_text=due, required=False)
        self.fields[f"{name}_on"] = Day(
            label=_("完成日期"), help_text=_("不填即为 %(day)s。") % {"day": written_day(self.last_day)}
        )
        self.fields[f"{name}_on"].belongs_to = one.node.title

    def _add_reading(self, indicator):
        for part, field in _reading_fields(indicator):
            # Several indicators have a field of that name: a list of what is wrong has to tell them apart.
            field.belongs_to = indicator.name
            self.fields[f"reading-{indicator.pk}-{part}"] = field

    def _initial(self, report, previous):
        """The department's own draft; where there is none, the last approved report to go on from."""
        source = report or previous
        initial = {
            "revision": report.revision if report else 0,
            "declared": source.declared if source else Declared.NORMAL,
        }
        if source:
            initial |= {
                "text": source.text if report else without_no_change(source.text),
                "percent": plain(source.percent),
                "problems": source.problems,
                "help_from": source.help_from,
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
        return start, self.last_day


def _reading_fields(indicator):
    """(part, field) of one figure, in the order in which people fill them in."""
    if indicator.kind == Kind.ACHIEVED:
        yield "achieved_on", Day(label=_("实现日期"), help_text=_("尚未实现的不填。"))
        return
    if indicator.has_parts:
        yield "numerator", Figure(label=indicator.numerator_label or _("分子"))
        yield "denominator", Figure(label=indicator.denominator_label or _("分母"))
        if indicator.accumulation == Accumulation.LATEST:
            # Published rates often differ from their own parts: where one is published, it is what counts.
            yield "value", Figure(label=_("已公布的数值（没有的不填）"), unit=indicator.unit)
    else:
        yield "value", Figure(label=_("本期数值"), unit=indicator.unit)
    if indicator.kind == Kind.RANK_WITHIN:
        yield (
            "out_of",
            forms.IntegerField(
                label=_("参评总数"),
                required=False,
                min_value=1,
                max_value=100_000,
                widget=_plain_box(),
                error_messages=WHOLE_ERRORS,
            ),
        )
        yield "source", Words(label=_("数据来源"), max_length=200)
    yield "start", Day(label=_("数据起始日"))
    yield "end", Day(label=_("数据截止日"))


def _group(name):
    """What a field is a part of: a figure, a node, or itself alone."""
    return name.rsplit("-", 1)[0]


def _last_reading(standing, *, before=None):
    """The latest figure accepted for an indicator, of an earlier end where `before` is given."""
    return next(
        (
            fact
            for fact in standing.readings_newest_first
            if fact.kind == EntryKind.READING and (before is None or fact.speaks_of < before)
        ),
        None,
    )


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
        saved |= {f"node-{done.node_id}-done": True, f"node-{done.node_id}-done_on": done.done_on}
    return saved


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """Several files at once; each is judged by the services, so that a bad one does not spoil the others."""

    def clean(self, data, initial=None):
        return [file for file in (data or []) if file]


class EvidenceForm(forms.Form):
    """Files and a link to lay beside a report. None is asked for."""

    evidence = ManyFiles(
        label=_("文件"),
        required=False,
        help_text=_("可选。PDF、Word、Excel、PowerPoint、JPG、PNG，一个就够；不需要为证明工作另拍照片或截图。"),
        widget=ManyFilesInput(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
    )
    link = Words(label=_("链接"), max_length=LONGEST_URL)
    link_name = Words(label=_("链接名称"), max_length=120)
    evidence_of = forms.ModelChoiceField(
        label=_("用于"), queryset=None, required=False, empty_label=_("整份填报"), to_field_name="code"
    )

    def __init__(self, *args, measure, is_lead, indicators=None, **kwargs):
        """`indicators` are the measure's, where the page has them already and need not ask for them again."""
        super().__init__(*args, **kwargs)
        field = self.fields["evidence_of"]
        field.queryset = measure.indicators.all() if is_lead else measure.indicators.none()
        if not is_lead:
            del self.fields["evidence_of"]
        elif indicators is not None:
            field.choices = [("", field.empty_label), *((one.code, str(one)) for one in indicators)]

    @property
    def is_empty(self):
        data = self.cleaned_data
        return not data.get("evidence") and not data.get("link")


class ReasonForm(forms.Form):
    """A decision that needs a sentence."""

    reason = TypedText(
        label=_("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("请写明理由。"),
            "max_length": TOO_LONG,
        },
    )

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].widget.attrs.pop("maxlength", None)
