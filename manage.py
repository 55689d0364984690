#!/usr/bin/env python3
"""Django's command line for this project."""

import logging
import os
import pwd
import sys
from pathlib import Path

try:
    import environ
    from django.apps import apps
    from django.core.management import execute_from_command_line
except ImportError as error:
    sys.exit(
        f"✗ 缺少 Python 组件（{error}）\n  → 请用 .venv/bin/python manage.py 运行；还没有 .venv 时先运行 bin/run。"
    )

log = logging.getLogger("courtplan.commands")
HERE = Path(__file__).resolve().parent
# What these write, others may read: nginx, and whoever works on the code.
FOR_OTHERS = {"collectstatic", "makemigrations", "makemessages", "compilemessages"}


def main(arguments):
    """Run the command. How it failed goes to the log as well as to the terminal: a timer's command has no reader."""
    name = " ".join(arguments[1:2])
    if name not in FOR_OTHERS:
        os.umask(0o077)
    act_as_owner()
    try:
        execute_from_command_line(arguments)
    except SystemExit as end:
        if end.code not in (None, 0) and apps.ready and not sys.stderr.isatty():
            log.error("manage.py %s ended with %s", name, end.code)
        raise
    except Exception as error:
        if not apps.ready and name == "doctor":
            sys.exit(f"✗ 系统启动不了：{error}\n  → {_mend(error)}")
        if not apps.ready:  # then the log isn't set up either
            raise
        log.exception("manage.py %s failed", name)
        sys.exit(1)


def act_as_owner():
    """The superuser acts as the one whose data it is: what a command makes, the services must be able to write."""
    if os.geteuid() != 0:
        return
    env = environ.Env()
    env.read_env(env.str("ENV_FILE", default=str(HERE / ".env")))
    data = Path(env.str("DATA_DIR", default=str(HERE / ".data")))
    if not data.is_dir() or not (uid := data.stat().st_uid):
        return
    try:
        owner = pwd.getpwuid(uid)
        os.initgroups(owner.pw_name, owner.pw_gid)
        os.setgid(owner.pw_gid)
    except KeyError:  # a container's user, say, that has no name here
        os.setgroups([])
        os.setgid(data.stat().st_gid)
    os.setuid(uid)
    os.environ["HOME"] = str(data)


def _mend(error):
    """What keeps the doctor itself from starting lies in the packages or in the settings."""
    if isinstance(error, ImportError):
        return "请运行 .venv/bin/python -m pip install -r requirements.txt。"
    if isinstance(error, OSError):
        return "请检查数据文件夹和 .env 的主人和权限：它们要属于运行服务的用户。"
    return "请检查 .env 和环境变量里的设置（ENV_FILE 可以指定另一个文件）。"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")
    main(sys.argv)
