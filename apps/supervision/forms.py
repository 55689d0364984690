"""Forms check the shape of what was typed; rules and services decide."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Day, ServiceErrorsMixin, TypedText
from apps.core.wording import written_day
from apps.core.workdays import add_workdays
from apps.supervision.choices import InstructionMove
from apps.supervision.wording import TEXT_LABELS

WORKDAYS_TO_ANSWER = 5


def _text(*, missing="", rows=4, **kwargs):
    """A text without maxlength: the browser would cut a longer paste silently. The rules check its length."""
    return TypedText(
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
        **kwargs,
    )


class IdempotentForm(ServiceErrorsMixin, forms.Form):
    """A form with a unique key: sent twice, it makes one row."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, initial=None, **kwargs):
        super().__init__(*args, initial={"key": uuid.uuid4(), **(initial or {})}, **kwargs)


class InstructionForm(IdempotentForm):
    text = _text(label=_("批示内容"), missing=_("请填写批示内容。"))
    department = forms.ModelChoiceField(
        label=_("承办部门"), queryset=None, empty_label=None, error_messages={"required": _("请选择承办部门。")}
    )
    answer_by = Day(label=_("答复期限"), missing=_("请填写答复期限。"))

    def __init__(self, *args, departments, lead, today, **kwargs):
        super().__init__(
            *args, initial={"department": lead, "answer_by": add_workdays(today, WORKDAYS_TO_ANSWER)}, **kwargs
        )
        self.fields["department"].queryset = departments
        if lead is None:
            self.fields["department"].empty_label = _("请选择")


class ExtensionForm(IdempotentForm):
    """`deadlines` are (node or None, day in force): what may be put off."""

    deadline = forms.ChoiceField(label=_("申请延期的时限"))
    new_due = Day(label=_("申请延至"), missing=_("请填写申请延至的日期。"))
    reason = _text(label=_("延期理由"), rows=3, missing=_("请填写延期理由。"))
    progress = _text(label=_("目前进展"), missing=_("请填写目前进展。"))

    def __init__(self, *args, deadlines, progress, **kwargs):
        super().__init__(*args, initial={"progress": progress}, **kwargs)
        self.nodes = {"measure" if node is None else str(node.pk): node for node, _due in deadlines}
        if len(deadlines) == 1:
            del self.fields["deadline"]
        else:
            self.fields["deadline"].choices = [
                ("measure" if node is None else str(node.pk), _deadline_label(node, due)) for node, due in deadlines
            ]

    @property
    def only_node(self):
        """The one node that may be put off, where nothing else may."""
        return next(iter(self.nodes.values())) if len(self.nodes) == 1 else None

    def pop_node(self, data):
        """The node whose day is to move, taken out of the cleaned data; None for the measure's own day."""
        chosen = data.pop("deadline", None)
        return self.only_node if chosen is None else self.nodes[chosen]


def _deadline_label(node, due):
    name = _("整项举措") if node is None else node.title
    return _("%(name)s（现定 %(day)s）") % {"name": name, "day": written_day(due)}


class ClosingRequestForm(IdempotentForm):
    finished_on = Day(label=_("完成日期"), missing=_("请填写完成日期。"))
    result = _text(label=_("办结结果"), missing=_("请填写办结结果。"), help_text=_("写明做成了什么、有什么成果。"))

    def __init__(self, *args, result, today, **kwargs):
        super().__init__(*args, initial={"finished_on": today, "result": result}, **kwargs)


class TransitionForm(ServiceErrorsMixin, forms.Form):
    """One move on an item. `seen` is how many steps there were when the form was shown."""

    text = _text(rows=3)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args, item, move, today, **kwargs):
        super().__init__(*args, initial={"seen": len(item.all_steps)}, auto_id=f"id_{move}_%s", **kwargs)
        self.move = move
        text = self.fields["text"]
        text.label = TEXT_LABELS.get(move, _("理由"))
        text.required = move in item.workflow.needs_text
        text.error_messages["required"] = _("请填写此项。")
        if move == InstructionMove.FOLLOW_UP:
            self.fields["answer_by"] = Day(
                label=_("答复期限"),
                missing=_("请填写答复期限。"),
                initial=add_workdays(today, WORKDAYS_TO_ANSWER),
            )
