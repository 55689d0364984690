from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PaperKind(TextChoices):
    """The papers the office hands in."""

    BULLETIN = "bulletin", _("督查通报")
    LEDGER = "ledger", _("台账")
    BREAKDOWN = "breakdown", _("任务分解表")
    YEAR = "year", _("全年一览表")
    PILLAR = "pillar", _("支柱一页纸")
    DOSSIER = "dossier", _("举措档案")


# Those that speak of the whole plan and can be issued: frozen, numbered, to be fetched again to the letter.
ISSUED = (PaperKind.BULLETIN, PaperKind.LEDGER, PaperKind.BREAKDOWN, PaperKind.YEAR)


class Shape(TextChoices):
    """The sheet a part of a paper is printed on."""

    A4 = "a4", _("A4 纵向")
    A4_WIDE = "a4_wide", _("A4 横向")
    A3_WIDE = "a3_wide", _("A3 横向")
    A4_PAGE = "a4_page", _("A4 一页纸")
    A3_PAGE = "a3_page", _("A3 一页纸")


# A part on such a sheet begins a new page, also behind another of its kind: a bulletin's tables.
APART = (Shape.A4_WIDE,)


class JobState(TextChoices):
    """How far a long file is."""

    WAITING = "waiting", _("等待制作")
    WORKING = "working", _("正在制作")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有做成")
    CANCELLED = "cancelled", _("已取消")


UNFINISHED = (JobState.WAITING, JobState.WORKING)
