from apps.accounts.permissions import is_plan_admin


def can_close_measure(user, measure):
    return measure.plan.is_open and is_plan_admin(user, measure.plan.court)


def can_withdraw(user, plan):
    """Take back what was accepted, with a reason."""
    return plan.is_open and is_plan_admin(user, plan.court)


def can_enter_readings(user, plan):
    """Write accepted figures straight into the ledger, as from a table of the office's own sources."""
    return plan.is_open and is_plan_admin(user, plan.court)


def can_judge(user, indicator):
    """Say, as a person, whether an indicator is met."""
    return indicator.plan.is_open and is_plan_admin(user, indicator.plan.court)
