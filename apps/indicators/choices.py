from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    AT_LEAST = "at_least", _("不低于")
    AT_MOST = "at_most", _("不高于")
    WITHIN = "within", _("合理区间")
    ACHIEVED = "achieved", _("完成即达标")
    BELOW_BASELINE = "below_baseline", _("低于基期")
    ABOVE_BASELINE = "above_baseline", _("高于基期")
    RANK_WITHIN = "rank_within", _("位次")
    ALL_MET = "all_met", _("成员全部达标")
    COUNT_MET = "count_met", _("成员达标数")
    JUDGED = "judged", _("人工评定")


class Accumulation(TextChoices):
    """How the readings of one year combine."""

    SUM = "sum", _("逐期累加")
    LATEST = "latest", _("取最新值")
    POOLED = "pooled", _("分子分母分别累加")


class Pace(TextChoices):
    """What is asked before the last day."""

    AT_DUE = "at_due", _("到期考核")
    LINEAR = "linear", _("按时间进度")
    STEPS = "steps", _("按分步目标")
    ALWAYS = "always", _("全程保持")


class Strength(TextChoices):
    MUST = "must", _("必须")
    AIM = "aim", _("力争")


class Basis(TextChoices):
    """Where a target comes from."""

    STATED = "stated", _("原文写明")
    IMPLIED = "implied", _("由原文推定")
    TO_BE_SET = "to_be_set", _("原文未定，待设")
