"""The acts that go on record: what each is called, and which of them change no page."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Action(TextChoices):
    """The acts by the names that are stored in the trail: never change a value, the hashes of old events hold it."""

    REPORT_SAVED = "report.saved", _("保存填报")
    REPORT_SUBMITTED = "report.submitted", _("提交填报")
    REPORT_APPROVED = "report.approved", _("通过填报")
    REPORT_RETURNED = "report.returned", _("退回填报")
    REPORT_RECALLED = "report.recalled", _("撤回提交的填报")
    REPORT_APPROVAL_WITHDRAWN = "report.approval_withdrawn", _("撤回已通过的填报")
    EVIDENCE_ADDED = "evidence.added", _("添加佐证材料")
    EVIDENCE_REMOVED = "evidence.removed", _("移除佐证材料")
    TARGET_ORDERED = "target.ordered", _("下达目标值")
    DEADLINE_ORDERED = "deadline.ordered", _("下达完成时限")
    THRESHOLDS_ORDERED = "thresholds.ordered", _("下达判定阈值")
    MEASURE_ADJUSTED = "measure.adjusted", _("暂停、恢复或调整权重")
    MEASURE_ASSIGNED = "measure.assigned", _("调整责任部门和领导")
    MEASURE_CLOSED = "measure.closed", _("销号")
    NODE_ADDED = "node.added", _("增加节点")
    INDICATOR_MEMBERS_SET = "indicator.members_set", _("调整成员指标")
    READING_ENTERED = "reading.entered", _("录入读数")
    INDICATOR_JUDGED = "indicator.judged", _("人工评定")
    INSTRUCTION_GIVEN = "instruction.given", _("作出批示")
    INSTRUCTION_READ = "instruction.read", _("阅知批示")
    INSTRUCTION_ANSWER = "instruction.answer", _("答复批示")
    INSTRUCTION_FOLLOW_UP = "instruction.follow_up", _("追加批示")
    INSTRUCTION_CLOSE = "instruction.close", _("办结批示")
    INSTRUCTION_WITHDRAW = "instruction.withdraw", _("撤回批示")
    EXTENSION_ASKED = "extension.asked", _("申请延期")
    EXTENSION_ENDORSE = "extension.endorse", _("同意上报延期申请")
    EXTENSION_DECLINE = "extension.decline", _("不同意上报延期申请")
    EXTENSION_GRANT = "extension.grant", _("同意延期")
    EXTENSION_REFUSE = "extension.refuse", _("不同意延期")
    EXTENSION_WITHDRAW = "extension.withdraw", _("撤回延期申请")
    CLOSING_ASKED = "closing.asked", _("申请销号")
    CLOSING_CONFIRM = "closing.confirm", _("确认销号")
    CLOSING_RETURN = "closing.return", _("退回销号申请")
    CLOSING_REOPEN = "closing.reopen", _("恢复已销号的举措")
    CLOSING_WITHDRAW = "closing.withdraw", _("撤回销号申请")
    LEDGER_WITHDRAWN = "ledger.withdrawn", _("撤回台账记录")
    USER_LEFT = "user.left", _("离任、停用账号")
    USER_PASSWORD_CHANGED = "user.password_changed", _("修改本人密码")
    USER_PASSWORD_GIVEN = "user.password_given", _("重设密码")
    USER_SIGNED_OUT = "user.signed_out", _("退出全部登录")
    USER_WAIT_LIFTED = "user.wait_lifted", _("解除登录限制")
    USER_SECOND_FACTOR_SET_UP = "user.second_factor_set_up", _("设置两步验证")
    USER_SECOND_FACTOR_DROPPED = "user.second_factor_dropped", _("停用两步验证")
    USER_SECOND_FACTOR_RESET = "user.second_factor_reset", _("重置两步验证")
    USER_RECOVERY_CODE_USED = "user.recovery_code_used", _("使用恢复码")
    USER_RECOVERY_CODES_RENEWED = "user.recovery_codes_renewed", _("更换恢复码")
    PLAN_SET_ADOPTED = "plan.set_adopted", _("采用指标体系")
    PLAN_ASK = "plan.ask", _("报请确认计划")
    PLAN_CONFIRM = "plan.confirm", _("确认计划")
    PLAN_RETURN = "plan.return", _("退回计划修改")
    PLAN_REDRAFT = "plan.redraft", _("收回计划修改")
    PLAN_OPEN = "plan.open", _("启用计划")
    PLAN_CLOSE = "plan.close", _("归档计划")
    PLAN_YEAR_KEPT = "plan.year_kept", _("留存年终结果")
    PAPER_ISSUED = "paper.issued", _("印发文稿")
    PAPER_WITHDRAWN = "paper.withdrawn", _("撤回文稿")
    PAPER_TEMPLATE_PUT = "paper.template_put", _("启用通报模板")
    PAPER_TEMPLATE_DROPPED = "paper.template_dropped", _("停用通报模板")
    # as the two were called before a plan was confirmed
    PLAN_OPENED = "plan.opened", _("启用计划")
    PLAN_CLOSED = "plan.closed", _("归档计划")
    AUDIT_SEALED = "audit.sealed", _("封存已有记录")
    AUDIT_EXPORTED = "audit.exported", _("导出审计记录")
    AUDIT_CHECKED = "audit.checked", _("核验审计记录")
    REFUSED = "refused", _("操作被拒绝")
    ADDED = "added", _("增加")
    CHANGED = "changed", _("修改")


# Cached pages stay valid after these acts.
CHANGING_NO_PAGE = frozenset(
    {
        Action.INSTRUCTION_READ,
        Action.USER_PASSWORD_CHANGED,
        Action.USER_PASSWORD_GIVEN,
        Action.USER_SIGNED_OUT,
        Action.USER_WAIT_LIFTED,
        Action.USER_SECOND_FACTOR_SET_UP,
        Action.USER_SECOND_FACTOR_DROPPED,
        Action.USER_SECOND_FACTOR_RESET,
        Action.USER_RECOVERY_CODE_USED,
        Action.USER_RECOVERY_CODES_RENEWED,
        Action.PAPER_ISSUED,
        Action.PAPER_WITHDRAWN,
        Action.PAPER_TEMPLATE_PUT,
        Action.PAPER_TEMPLATE_DROPPED,
        Action.AUDIT_EXPORTED,
        Action.AUDIT_CHECKED,
        Action.REFUSED,
    }
)


def declared_action(name: str) -> Action | None:
    """The action of that name; for a row added or changed in the back office (`court.changed`) the general one."""
    return next((Action(known) for known in (name, name.rpartition(".")[2]) if known in Action), None)


def action_label(name: str) -> str:
    action = declared_action(name)
    return str(action.label) if action else name


def changes_pages(name: str) -> bool:
    """Whether a page of a plan may show something else after the act; also where the act is not declared."""
    return declared_action(name) not in CHANGING_NO_PAGE
