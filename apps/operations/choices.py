from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """How one thing about the installation stands. The values are those of the lights whose shapes and colours it
    borrows; `key` is its name for machines."""

    WELL = "on_track", _("良好")
    NOTE = "not_due", _("说明")
    WATCH = "watch", _("留意")
    BAD = "late", _("须修复")

    @property
    def key(self):
        return self.name.lower()


# What a machine is told, and the order from worst to best.
WORST_FIRST = (State.BAD, State.WATCH, State.NOTE, State.WELL)


class Subject(TextChoices):
    """What the checks are about, in the order of the page."""

    VERSION = "version", _("版本")
    DATABASE = "database", _("数据库")
    RECORD = "record", _("记录与备份")
    FILES = "files", _("文件与磁盘")
    ACCESS = "access", _("访问与安全")
    PAPERS = "papers", _("报表与日历")
    LOG = "log", _("日志与监测")
