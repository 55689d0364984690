"""What the acts are called by people who read the trail."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "report.saved": _("保存填报"),
    "report.submitted": _("提交填报"),
    "report.approved": _("通过填报"),
    "report.returned": _("退回填报"),
    "report.recalled": _("撤回提交的填报"),
    "report.approval_withdrawn": _("撤回已通过的填报"),
    "evidence.added": _("添加佐证材料"),
    "evidence.removed": _("移除佐证材料"),
    "target.ordered": _("下达目标值"),
    "deadline.ordered": _("下达完成时限"),
    "thresholds.ordered": _("下达判定阈值"),
    "measure.adjusted": _("暂停、恢复或调整权重"),
    "measure.assigned": _("调整责任部门和领导"),
    "measure.closed": _("销号"),
    "node.added": _("增加节点"),
    "indicator.members_set": _("调整成员指标"),
    "reading.entered": _("录入读数"),
    "indicator.judged": _("人工评定"),
    "instruction.given": _("作出批示"),
    "instruction.read": _("阅知批示"),
    "instruction.answer": _("答复批示"),
    "instruction.follow_up": _("追加批示"),
    "instruction.close": _("办结批示"),
    "instruction.withdraw": _("撤回批示"),
    "extension.asked": _("申请延期"),
    "extension.endorse": _("同意上报延期申请"),
    "extension.decline": _("不同意上报延期申请"),
    "extension.grant": _("同意延期"),
    "extension.refuse": _("不同意延期"),
    "extension.withdraw": _("撤回延期申请"),
    "closing.asked": _("申请销号"),
    "closing.confirm": _("确认销号"),
    "closing.return": _("退回销号申请"),
    "closing.reopen": _("恢复已销号的举措"),
    "closing.withdraw": _("撤回销号申请"),
    "ledger.withdrawn": _("撤回台账记录"),
    "user.left": _("离任、停用账号"),
    "plan.set_adopted": _("采用指标体系"),
    "plan.ask": _("报请确认计划"),
    "plan.confirm": _("确认计划"),
    "plan.return": _("退回计划修改"),
    "plan.redraft": _("收回计划修改"),
    "plan.open": _("启用计划"),
    "plan.close": _("归档计划"),
    "plan.year_kept": _("留存年终结果"),
    # as the two were called before a plan was confirmed
    "plan.opened": _("启用计划"),
    "plan.closed": _("归档计划"),
    "audit.exported": _("导出审计记录"),
    "audit.checked": _("核验审计记录"),
    "refused": _("操作被拒绝"),
    "added": _("增加"),
    "changed": _("修改"),
}


def action_label(action):
    """The act in words; of a row added or changed in the back office, that."""
    return str(ACTIONS.get(action) or ACTIONS.get(action.rpartition(".")[2]) or action)
