"""What each finding says to the person who looks after the server, and how to mend what is not well."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.wording import joined
from apps.operations import rules

NAMES = {
    "version": _("本系统"),
    "python": _("Python 和 Django"),
    "requirements": _("Python 组件"),
    "database": _("数据库"),
    "encoding": _("数据库编码"),
    "journal": _("SQLite 的写入方式"),
    "migrations": _("数据库结构"),
    "guards": _("防改动机制"),
    "clock": _("时钟"),
    "audit": _("审计核验"),
    "backup": _("最近的备份"),
    "data_folder": _("数据文件夹"),
    "evidence_folder": _("佐证文件夹"),
    "backup_folder": _("备份文件夹"),
    "static": _("样式和脚本"),
    "secret_key": _("密钥"),
    "debug": _("调试方式"),
    "switches": _("开关的写法"),
    "hosts": _("服务器名称"),
    "https": _("加密访问"),
    "origins": _("表单来源"),
    "deploy": _("上线检查"),
    "demo": _("示例账号"),
    "port": _("端口"),
    "pdf": "PDF",
    "jobs": _("长表制作"),
    "calendar": _("工作日历"),
    "log": _("日志"),
    "metrics": _("监测数据"),
}
FOLDERS = ("data_folder", "evidence_folder", "backup_folder")

# For each reason: what is so, and what to do about it; nothing to do where all is well.
SENTENCES = {
    ("version", "ok"): ("%(version)s", ""),
    ("version", "commit"): (_("%(version)s（代码 %(commit)s）"), ""),
    ("python", "ok"): (_("Python %(version)s，Django %(django)s"), ""),
    ("python", "old"): (
        _("Python %(version)s，版本太旧"),
        _("请安装 Python 3.11 或更高版本，再重新建立 .venv。"),
    ),
    ("requirements", "ok"): (_("%(n)s 个组件都是规定的版本"), ""),
    ("requirements", "missing"): (
        _("缺少：%(names)s"),
        _("请运行 .venv/bin/python -m pip install -r requirements.txt。"),
    ),
    ("requirements", "other"): (
        _("版本与规定的不同：%(names)s"),
        _("请运行 .venv/bin/python -m pip install -r requirements.txt。"),
    ),
    ("database", "ok"): (_("%(name)s %(version)s，数据 %(size)s"), ""),
    ("database", "old"): (
        _("%(name)s %(version)s，版本太旧"),
        _("请升级到 %(oldest)s 或更高版本；升级前先备份。"),
    ),
    ("database", "unreachable"): (
        _("连不上数据库：%(fault)s"),
        _("请检查 DATABASE_URL 和数据库服务是否已启动；口令、库名和主机都在 DATABASE_URL 里。"),
    ),
    ("encoding", "ok"): ("%(name)s", ""),
    ("encoding", "other"): (
        _("%(name)s，存不下全部汉字"),
        _("请先备份，再用 UTF8 编码新建数据库（createdb -E UTF8 -T template0），把备份恢复进去。"),
    ),
    ("journal", "ok"): (_("WAL，在本机磁盘上（%(filesystem)s）"), ""),
    ("journal", "other"): (
        _("%(mode)s，读和写会互相等待"),
        _("请确认数据文件夹可以写入，然后重新启动服务；启动时会自动改为 WAL。"),
    ),
    ("journal", "remote"): (
        _("数据库文件在网络磁盘上（%(filesystem)s），可能损坏"),
        _("请停止服务，把数据文件夹移到本机磁盘；要放在别的机器上，请改用 PostgreSQL。"),
    ),
    ("migrations", "ok"): (_("已是最新（%(n)s 步）"), ""),
    ("migrations", "pending"): (
        _("有 %(n)s 步没有更新：%(names)s"),
        _("请先备份，再运行 .venv/bin/python manage.py migrate。"),
    ),
    ("migrations", "newer"): (
        _("数据库比程序新，程序不认识：%(names)s"),
        _("请换上写入这个数据库的那一版程序，或者恢复升级之前的备份。"),
    ),
    ("guards", "ok"): (_("%(n)s 张表都在保护之下"), ""),
    ("guards", "missing"): (
        _("没有保护：%(names)s"),
        _("请运行 .venv/bin/python manage.py migrate 重新装上，再核验审计记录，并查明是谁拆下的。"),
    ),
    ("clock", "ok"): (_("%(at)s，%(zone)s"), ""),
    ("clock", "behind"): (
        _("时钟是 %(at)s，比最后一条审计记录（%(last)s）还早"),
        _("请校准服务器的时钟（timedatectl），并设好院内的对时服务。"),
    ),
    ("clock", "apart"): (
        _("与数据库服务器的时钟相差 %(seconds)s 秒"),
        _("请把两台服务器的时钟都对准（timedatectl），并设好院内的对时服务。"),
    ),
    ("clock", "zone"): (
        _("时区是 %(zone)s，不是 %(wanted)s"),
        _("请把 TIME_ZONE 改回 %(wanted)s：截止日期按北京时间算。"),
    ),
    ("audit", "ok"): (_("%(at)s 完整：审计记录 %(n_events)s 条，台账等记录 %(n_rows)s 条"), ""),
    ("audit", "never"): (
        _("还没有全面核验过"),
        _("请运行 .venv/bin/python manage.py verify_audit，并设成每夜运行。"),
    ),
    ("audit", "old"): (
        _("上次核验在 %(at)s，当时完整"),
        _("每夜的核验没有运行。请运行 .venv/bin/python manage.py verify_audit，并查看定时任务为什么没有执行。"),
    ),
    ("audit", "broken"): (
        _("%(at)s 核验异常"),
        _("请保护现场，不要改动数据库；运行 .venv/bin/python manage.py verify_audit 看是哪几条，并报告分管领导。"),
    ),
    ("backup", "ok"): (_("%(at)s，%(size)s，写成时已核对"), ""),
    ("backup", "read"): (_("%(at)s，%(size)s，刚刚逐行读过，完整"), ""),
    ("backup", "none"): (
        _("还没有备份（%(folder)s）"),
        _("请运行 .venv/bin/python manage.py backup --keep 30，并设成每夜运行。"),
    ),
    ("backup", "old"): (
        _("%(at)s，%(size)s，已过去 %(days)s 天"),
        _("每夜的备份没有运行。请运行 .venv/bin/python manage.py backup --keep 30，并查看定时任务为什么没有执行。"),
    ),
    ("backup", "unreadable"): (
        _("读不了：%(fault)s"),
        _("请检查 %(folder)s 的权限和磁盘，运行 .venv/bin/python manage.py backup 另做一份，并把坏的移开。"),
    ),
    ("folder", "ok"): (_("%(path)s，还有 %(free)s 可用"), ""),
    ("folder", "new"): (_("%(path)s，用到时自动建立；还有 %(free)s 可用"), ""),
    ("folder", "missing"): (
        _("%(path)s 不存在，也建不了"),
        _("请建立这个文件夹并交给运行服务的用户：install -d -m 700 -o %(user)s %(path)s"),
    ),
    ("folder", "readonly"): (
        _("%(path)s 不能写入"),
        _("请交给运行服务的用户（chown -R %(user)s %(path)s，chmod 700 %(path)s），并确认磁盘没有只读挂载。"),
    ),
    ("folder", "open"): (
        _("%(path)s 的权限是 %(mode)s，别的用户也能进入"),
        _("请运行 chmod 700 %(path)s。"),
    ),
    ("folder", "exposed"): (
        _("%(path)s 里的 %(names)s 本机任何用户都能读"),
        _("请运行 chmod go= %(names)s。"),
    ),
    ("folder", "owner"): (
        _("%(path)s 属于 %(owner)s，不属于运行服务的 %(user)s"),
        _("请运行 chown -R %(user)s %(path)s；命令要用运行服务的用户执行。"),
    ),
    ("folder", "low"): (_("%(path)s，只剩 %(free)s 可用"), _("请清理磁盘或换更大的磁盘；备份可以少留几份（--keep）。")),
    ("folder", "full"): (_("%(path)s，只剩 %(free)s，快满了"), _("请马上清理磁盘：写满以后不能填报，也不能备份。")),
    ("static", "ok"): (_("%(n)s 个文件，与程序一致"), ""),
    ("static", "none"): (_("还没有收集"), _("请运行 .venv/bin/python manage.py collectstatic --noinput。")),
    ("static", "stale"): (
        _("有 %(n)s 个文件与程序不一致：%(names)s"),
        _("请运行 .venv/bin/python manage.py collectstatic --noinput，再重新启动服务。"),
    ),
    ("secret_key", "ok"): (_("够长，只有运行服务的用户能读"), ""),
    ("secret_key", "environment"): (_("够长，来自环境变量"), ""),
    ("secret_key", "weak"): (
        _("太短或太简单"),
        _("请换成至少 %(n)s 个随机字符的 SECRET_KEY；换过以后大家要重新登录。"),
    ),
    ("secret_key", "open"): (
        _("%(path)s 的权限是 %(mode)s，别的用户能读到密钥"),
        _("请运行 chmod 600 %(path)s，并更换 SECRET_KEY。"),
    ),
    ("debug", "ok"): (_("已关闭"), ""),
    ("debug", "on"): (_("已打开，出错时会把程序和设置显示给所有人"), _("请设 DEBUG=off，再重新启动服务。")),
    ("switches", "ok"): (_("都认得"), ""),
    ("switches", "strange"): (_("不认得，当作关：%(names)s"), _("请写 on 或 off，后面不要跟注释。")),
    ("hosts", "ok"): ("%(names)s", ""),
    ("hosts", "local"): (
        _("只有本机（%(names)s）"),
        _("要让别的电脑打开，请在 ALLOWED_HOSTS 里写上服务器的名称或地址。"),
    ),
    ("hosts", "none"): (_("没有写，谁也打不开"), _("请在 ALLOWED_HOSTS 里写上大家访问用的名称或地址，用逗号隔开。")),
    ("hosts", "any"): (_("任何名称都可以（*）"), _("请在 ALLOWED_HOSTS 里只写大家访问用的名称或地址。")),
    ("https", "ok"): (_("已打开，由前面的代理加密"), ""),
    ("https", "local"): (_("没有打开，只供本机使用"), ""),
    ("https", "off"): (
        _("没有打开，口令在网络上可以被看到"),
        _("请在前面放一台代理（nginx）来加密，然后设 HTTPS=on 和 BEHIND_PROXY=on。"),
    ),
    ("https", "proxy_only"): (
        _("设了 BEHIND_PROXY=on，却没有设 HTTPS=on，等于没有设"),
        _("请设 HTTPS=on；不加密的话，请设 BEHIND_PROXY=off。"),
    ),
    ("https", "no_proxy"): (
        _("已打开，但没有设 BEHIND_PROXY=on"),
        _("由代理加密时请设 BEHIND_PROXY=on，否则会反复跳转、打不开。"),
    ),
    ("origins", "none"): (_("只收本服务器的表单"), ""),
    ("origins", "ok"): (_("另外还收：%(names)s"), ""),
    ("origins", "scheme"): (
        _("写法不对：%(names)s"),
        _("CSRF_TRUSTED_ORIGINS 的每一项都要以 https:// 或 http:// 开头。"),
    ),
    ("origins", "plain"): (
        _("有不加密的来源：%(names)s"),
        _("已打开加密，请把 CSRF_TRUSTED_ORIGINS 里的 http:// 改为 https://。"),
    ),
    ("origins", "strange"): (
        _("不在服务器名称之列：%(names)s"),
        _("请核对 CSRF_TRUSTED_ORIGINS；用不着的请删去，用得着的名称也要写进 ALLOWED_HOSTS。"),
    ),
    ("deploy", "ok"): (_("没有发现问题"), ""),
    ("deploy", "errors"): (_("有错误：%(names)s"), _("请运行 .venv/bin/python manage.py check --deploy，按提示改正。")),
    ("deploy", "warnings"): (
        _("有提醒：%(names)s"),
        _("请运行 .venv/bin/python manage.py check --deploy 看是什么；多数在打开加密访问以后消失。"),
    ),
    ("demo", "ok"): (_("都已停用，或者从来没有"), ""),
    ("demo", "only"): (_("有 %(n)s 个，口令是公开的；系统里只有示例数据"), ""),
    ("demo", "beside"): (
        _("有 %(n)s 个还能登录，口令是公开的，而系统里已有真实数据"),
        _("请用自己的账号登录，在“计划管理 → 离任交接”里停用示例账号。"),
    ),
    ("port", "ok"): (_("%(number)s，服务正在运行"), ""),
    ("port", "free"): (_("%(number)s 空着，服务没有运行"), ""),
    ("port", "taken"): (
        _("%(number)s 被别的程序占用"),
        _("请用 ss -ltnp 看是哪个程序，把它停下，或者用 PORT 换一个端口。"),
    ),
    ("port", "privileged"): (
        _("%(number)s 小于 1024，普通用户不能使用"),
        _("请用 1024 以上的端口，由前面的代理（nginx）接 80 和 443。"),
    ),
    ("pdf", "ok"): (_("可以制作"), ""),
    ("pdf", "packages"): (
        _("不能制作，缺少系统组件"),
        _("请以 root 身份运行 apt install %(packages)s，再重新启动服务。"),
    ),
    ("pdf", "requirements"): (
        _("不能制作，缺少 Python 组件"),
        _("请运行 .venv/bin/python -m pip install -r %(requirements)s，再重新启动服务。"),
    ),
    ("pdf", "both"): (
        _("不能制作，缺少系统组件和 Python 组件"),
        _(
            "请以 root 身份运行 apt install %(packages)s，再运行 .venv/bin/python -m pip install -r %(requirements)s，"
            "然后重新启动服务。"
        ),
    ),
    ("jobs", "ok"): (_("没有积压（等待 %(n_waiting)s 份）"), ""),
    ("jobs", "stuck"): (
        _("有 %(n_stuck)s 份没有人制作"),
        _("请运行 .venv/bin/python manage.py make_papers，看它报什么错。"),
    ),
    ("jobs", "service"): (
        _("有 %(n_stuck)s 份没有人制作：制作服务没有运行"),
        _(
            "设了 PAPER_MAKER=service，请启动 manage.py make_papers --serve 的服务；没有这个服务时请设 PAPER_MAKER=process。"
        ),
    ),
    ("jobs", "failed"): (_("一天内有 %(n_failed)s 份没有做成"), _("请在日志里查 paper job，看是什么原因。")),
    ("calendar", "ok"): (_("知道到 %(year)s 年的放假和调休"), ""),
    ("calendar", "missing"): (
        _("不知道 %(year)s 年的放假和调休，按周一到周五算"),
        _("请更新组件 chinesecalendar（国务院每年十一月公布下一年的安排），再重新启动服务。"),
    ),
    ("calendar", "soon"): (
        _("还不知道 %(year)s 年的放假和调休"),
        _("请在年底前更新组件 chinesecalendar，否则明年的截止日期只按周一到周五算。"),
    ),
    ("log", "line"): (_("每件事一行，级别 %(level)s，慢于 %(slow)s 毫秒的查询单独记下"), ""),
    ("log", "json"): (_("JSON，级别 %(level)s，慢于 %(slow)s 毫秒的查询单独记下"), ""),
    ("metrics", "off"): (_("没有打开（METRICS=off）"), ""),
    ("metrics", "token"): (_("在 /metrics 提供，凭 METRICS_TOKEN 读取"), ""),
    ("metrics", "loopback"): (_("在 /metrics 提供，只有本机能读"), ""),
    ("metrics", "nobody"): (
        _("已打开，但谁也读不到"),
        _("设了 BEHIND_PROXY=on 时看不出谁在本机，请设 METRICS_TOKEN。"),
    ),
    ("metrics", "short"): (
        _("METRICS_TOKEN 太短"),
        _("请换成至少 16 个随机字符。"),
    ),
}
# What any check may come upon.
CLOSED = (_("打不开：%(fault)s"), _("请检查主人和权限；命令要用运行服务的用户执行。"))
MOST_NAMES = 5
# Where the check itself couldn't be made, as without a database.
UNKNOWN = _("现在看不了")


def name_of(finding):
    return NAMES[finding.check]


def said(finding):
    """What is so, in one sentence."""
    return UNKNOWN if finding.is_unknown else _filled(finding, 0)


def mend(finding):
    """What to do about it; empty where there is nothing to do."""
    return "" if finding.is_unknown else _filled(finding, 1)


def _filled(finding, which):
    check = "folder" if finding.check in FOLDERS else finding.check
    values = {name: _written(name, value) for name, value in finding.values.items()}
    sentences = CLOSED if finding.reason == rules.CLOSED else SENTENCES[check, finding.reason]
    return str(sentences[which]) % values


def _written(name, value):
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple):
        return joined(value) if len(value) <= MOST_NAMES else f"{joined(value[:MOST_NAMES])}…"
    return written_size(value) if name in ("size", "free", "total") else value


def written_size(n_bytes):
    """“42 MB”, “1.3 GB”."""
    gigabyte, megabyte = 1024**3, 1024**2
    if n_bytes >= gigabyte:
        return f"{n_bytes / gigabyte:.1f} GB"
    return f"{max(n_bytes / megabyte, 0.1):.1f} MB" if n_bytes < 10 * megabyte else f"{n_bytes / megabyte:.0f} MB"
