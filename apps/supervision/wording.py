"""Words of each move: the label of its text, and what it brings about."""

from django.utils.translation import gettext_lazy as _

from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove

# ClosingMove.WITHDRAW and ExtensionMove.WITHDRAW equal InstructionMove.WITHDRAW: text choices compare as text.
TEXT_LABELS = {
    InstructionMove.ANSWER: _("答复内容"),
    InstructionMove.FOLLOW_UP: _("追加批示"),
    InstructionMove.CLOSE: _("办结意见"),
    InstructionMove.WITHDRAW: _("撤回理由"),
    ExtensionMove.ENDORSE: _("审核意见"),
    ExtensionMove.DECLINE: _("不同意的理由"),
    ExtensionMove.GRANT: _("审定意见"),
    ExtensionMove.REFUSE: _("不同意的理由"),
    ClosingMove.CONFIRM: _("确认意见"),
    ClosingMove.RETURN: _("退回理由"),
    ClosingMove.REOPEN: _("恢复理由"),
}
EFFECTS = {
    InstructionMove.ANSWER: _("答复后，作出批示的院领导会在“我的工作”中看到。"),
    InstructionMove.FOLLOW_UP: _("追加后，承办部门须在新的期限前再次答复。"),
    InstructionMove.CLOSE: _("办结后，这件批示不再列为待办。"),
    InstructionMove.WITHDRAW: _("撤回后，部门不再需要答复；批示原文和撤回理由都会保留。"),
    ExtensionMove.ENDORSE: _("同意后，申请报院领导审定。"),
    ExtensionMove.GRANT: _("同意后，完成时限随即改为申请的日期，原定时限仍然显示。"),
    ExtensionMove.REFUSE: _("不同意的，完成时限不变。"),
    ClosingMove.CONFIRM: _("确认后，举措记为已完成，并记入台账。"),
    ClosingMove.RETURN: _("退回后，牵头部门可以补充后再次申请。"),
    ClosingMove.REOPEN: _("恢复后，销号记录撤回，状态按实际进展重新判定；原记录和理由都会保留。"),
}
