from django.core import checks
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """How a checked thing stands. The values are those of the lights whose shape and colour the page borrows."""

    WELL = "on_track", _("良好")
    NOTE = "not_due", _("说明")
    WATCH = "watch", _("留意")
    BAD = "late", _("须修复")

    @property
    def key(self) -> str:
        """The name for programs: in JSON."""
        return self.name.lower()

    @property
    def level(self) -> int:
        """The level of Django's system checks."""
        return {"WELL": checks.DEBUG, "NOTE": checks.INFO, "WATCH": checks.WARNING, "BAD": checks.ERROR}[self.name]


class Subject(TextChoices):
    """The groups of checks, in the order of the page."""

    VERSION = "version", _("版本")
    DATABASE = "database", _("数据库")
    RECORD = "record", _("记录与备份")
    FILES = "files", _("文件与磁盘")
    ACCESS = "access", _("访问与安全")
    PAPERS = "papers", _("报表与日历")
    LOG = "log", _("日志与监测")


# Every check in the order of the page: its group, and what people call it.
CHECKS = {
    "version": (Subject.VERSION, _("本系统")),
    "python": (Subject.VERSION, _("Python 和 Django")),
    "requirements": (Subject.VERSION, _("Python 组件")),
    "database": (Subject.DATABASE, _("数据库")),
    "encoding": (Subject.DATABASE, _("数据库编码")),
    "journal": (Subject.DATABASE, _("SQLite 的写入方式")),
    "migrations": (Subject.DATABASE, _("数据库结构")),
    "guards": (Subject.DATABASE, _("防改动机制")),
    "clock": (Subject.DATABASE, _("时钟")),
    "audit": (Subject.RECORD, _("审计核验")),
    "backup": (Subject.RECORD, _("最近的备份")),
    "data_folder": (Subject.FILES, _("数据文件夹")),
    "evidence_folder": (Subject.FILES, _("佐证文件夹")),
    "backup_folder": (Subject.FILES, _("备份文件夹")),
    "static": (Subject.FILES, _("样式和脚本")),
    "secret_key": (Subject.ACCESS, _("密钥")),
    "debug": (Subject.ACCESS, _("调试方式")),
    "switches": (Subject.ACCESS, _("开关的写法")),
    "hosts": (Subject.ACCESS, _("服务器名称")),
    "https": (Subject.ACCESS, _("加密访问")),
    "origins": (Subject.ACCESS, _("表单来源")),
    "deploy": (Subject.ACCESS, _("上线检查")),
    "certificates": (Subject.ACCESS, _("统一身份认证的证书")),
    "demo": (Subject.ACCESS, _("示例账号")),
    "port": (Subject.ACCESS, _("端口")),
    "pdf": (Subject.PAPERS, "PDF"),
    "jobs": (Subject.PAPERS, _("长表制作")),
    "calendar": (Subject.PAPERS, _("工作日历")),
    "log": (Subject.LOG, _("日志")),
    "metrics": (Subject.LOG, _("监测数据")),
}
