"""The acts that go on record: what each is called, and what it changes for those who read pages."""

from enum import Enum, auto

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Changes(Enum):
    """What an act changes; decides which cached pages and plan data are out of date after it."""

    NOTHING = auto()  # no page of a plan shows anything else
    PAGE = auto()  # pages do; plans, measures, indicators, orders and people stay as they are
    DEFINITION = auto()  # those change, too


class Action(TextChoices):
    """The acts by the names that are stored in the trail: never change a value, the hashes of old events hold it."""

    changes: Changes

    def __new__(cls, value, changes):
        member = str.__new__(cls, value)
        member._value_ = value
        member.changes = changes
        return member

    REPORT_SAVED = "report.saved", Changes.PAGE, _("保存填报")
    REPORT_SUBMITTED = "report.submitted", Changes.PAGE, _("提交填报")
    REPORT_APPROVED = "report.approved", Changes.PAGE, _("通过填报")
    REPORT_RETURNED = "report.returned", Changes.PAGE, _("退回填报")
    REPORT_RECALLED = "report.recalled", Changes.PAGE, _("撤回提交的填报")
    REPORT_APPROVAL_WITHDRAWN = "report.approval_withdrawn", Changes.PAGE, _("撤回已通过的填报")
    EVIDENCE_ADDED = "evidence.added", Changes.PAGE, _("添加佐证材料")
    EVIDENCE_REMOVED = "evidence.removed", Changes.PAGE, _("移除佐证材料")
    TARGET_ORDERED = "target.ordered", Changes.DEFINITION, _("下达目标值")
    DEADLINE_ORDERED = "deadline.ordered", Changes.DEFINITION, _("下达完成时限")
    THRESHOLDS_ORDERED = "thresholds.ordered", Changes.DEFINITION, _("下达判定阈值")
    MEASURE_ADJUSTED = "measure.adjusted", Changes.DEFINITION, _("暂停、恢复或调整权重")
    MEASURE_ASSIGNED = "measure.assigned", Changes.DEFINITION, _("调整责任部门和领导")
    MEASURE_CLOSED = "measure.closed", Changes.DEFINITION, _("销号")
    NODE_ADDED = "node.added", Changes.DEFINITION, _("增加节点")
    INDICATOR_MEMBERS_SET = "indicator.members_set", Changes.DEFINITION, _("调整成员指标")
    READING_ENTERED = "reading.entered", Changes.PAGE, _("录入读数")
    INDICATOR_JUDGED = "indicator.judged", Changes.DEFINITION, _("人工评定")
    INSTRUCTION_GIVEN = "instruction.given", Changes.PAGE, _("作出批示")
    INSTRUCTION_READ = "instruction.read", Changes.NOTHING, _("阅知批示")
    INSTRUCTION_ANSWER = "instruction.answer", Changes.PAGE, _("答复批示")
    INSTRUCTION_FOLLOW_UP = "instruction.follow_up", Changes.PAGE, _("追加批示")
    INSTRUCTION_CLOSE = "instruction.close", Changes.PAGE, _("办结批示")
    INSTRUCTION_WITHDRAW = "instruction.withdraw", Changes.PAGE, _("撤回批示")
    EXTENSION_ASKED = "extension.asked", Changes.DEFINITION, _("申请延期")
    EXTENSION_ENDORSE = "extension.endorse", Changes.DEFINITION, _("同意上报延期申请")
    EXTENSION_DECLINE = "extension.decline", Changes.DEFINITION, _("不同意上报延期申请")
    EXTENSION_GRANT = "extension.grant", Changes.DEFINITION, _("同意延期")
    EXTENSION_REFUSE = "extension.refuse", Changes.DEFINITION, _("不同意延期")
    EXTENSION_WITHDRAW = "extension.withdraw", Changes.DEFINITION, _("撤回延期申请")
    CLOSING_ASKED = "closing.asked", Changes.DEFINITION, _("申请销号")
    CLOSING_CONFIRM = "closing.confirm", Changes.DEFINITION, _("确认销号")
    CLOSING_RETURN = "closing.return", Changes.DEFINITION, _("退回销号申请")
    CLOSING_REOPEN = "closing.reopen", Changes.DEFINITION, _("恢复已销号的举措")
    CLOSING_WITHDRAW = "closing.withdraw", Changes.DEFINITION, _("撤回销号申请")
    LEDGER_WITHDRAWN = "ledger.withdrawn", Changes.DEFINITION, _("撤回台账记录")
    USER_LEFT = "user.left", Changes.DEFINITION, _("离任、停用账号")
    USER_PASSWORD_CHANGED = "user.password_changed", Changes.NOTHING, _("修改本人密码")
    USER_PASSWORD_GIVEN = "user.password_given", Changes.NOTHING, _("重设密码")
    USER_SIGNED_OUT = "user.signed_out", Changes.NOTHING, _("退出全部登录")
    USER_WAIT_LIFTED = "user.wait_lifted", Changes.NOTHING, _("解除登录限制")
    USER_SECOND_FACTOR_SET_UP = "user.second_factor_set_up", Changes.NOTHING, _("设置两步验证")
    USER_SECOND_FACTOR_DROPPED = "user.second_factor_dropped", Changes.NOTHING, _("停用两步验证")
    USER_SECOND_FACTOR_RESET = "user.second_factor_reset", Changes.NOTHING, _("重置两步验证")
    USER_RECOVERY_CODE_USED = "user.recovery_code_used", Changes.NOTHING, _("使用恢复码")
    USER_RECOVERY_CODES_RENEWED = "user.recovery_codes_renewed", Changes.NOTHING, _("更换恢复码")
    PLAN_SET_ADOPTED = "plan.set_adopted", Changes.DEFINITION, _("采用指标体系")
    PLAN_ASK = "plan.ask", Changes.DEFINITION, _("报请确认计划")
    PLAN_CONFIRM = "plan.confirm", Changes.DEFINITION, _("确认计划")
    PLAN_RETURN = "plan.return", Changes.DEFINITION, _("退回计划修改")
    PLAN_REDRAFT = "plan.redraft", Changes.DEFINITION, _("收回计划修改")
    PLAN_OPEN = "plan.open", Changes.DEFINITION, _("启用计划")
    PLAN_CLOSE = "plan.close", Changes.DEFINITION, _("归档计划")
    PLAN_YEAR_KEPT = "plan.year_kept", Changes.DEFINITION, _("留存年终结果")
    PAPER_ISSUED = "paper.issued", Changes.NOTHING, _("印发文稿")
    PAPER_WITHDRAWN = "paper.withdrawn", Changes.NOTHING, _("撤回文稿")
    PAPER_TEMPLATE_PUT = "paper.template_put", Changes.NOTHING, _("启用通报模板")
    PAPER_TEMPLATE_DROPPED = "paper.template_dropped", Changes.NOTHING, _("停用通报模板")
    # as the two were called before a plan was confirmed
    PLAN_OPENED = "plan.opened", Changes.DEFINITION, _("启用计划")
    PLAN_CLOSED = "plan.closed", Changes.DEFINITION, _("归档计划")
    AUDIT_SEALED = "audit.sealed", Changes.DEFINITION, _("封存已有记录")
    AUDIT_EXPORTED = "audit.exported", Changes.NOTHING, _("导出审计记录")
    AUDIT_CHECKED = "audit.checked", Changes.NOTHING, _("核验审计记录")
    REFUSED = "refused", Changes.NOTHING, _("操作被拒绝")
    ADDED = "added", Changes.DEFINITION, _("增加")
    CHANGED = "changed", Changes.DEFINITION, _("修改")


def declared_action(name: str) -> Action | None:
    """The action of that name; for a row added or changed in the back office (`court.changed`) the general one."""
    return next((Action(known) for known in (name, name.rpartition(".")[2]) if known in Action), None)


def action_label(name: str) -> str:
    action = declared_action(name)
    return str(action.label) if action else name


def changes_of(name: str) -> Changes:
    """What the act changes; the most where it is not declared, so that a new act never leaves a stale page."""
    action = declared_action(name)
    return action.changes if action else Changes.DEFINITION
