#!/usr/bin/env python3
"""Django's command line for this project."""

import logging
import os
import sys

try:
    from django.apps import apps
    from django.core.management import execute_from_command_line
except ImportError as error:
    sys.exit(
        f"✗ 缺少 Python 组件（{error}）\n  → 请用 .venv/bin/python manage.py 运行；还没有 .venv 时先运行 bin/run。"
    )

log = logging.getLogger("courtplan.commands")


def main(arguments):
    """Run the command. How it failed goes to the log as well as to the terminal: a timer's command has no reader."""
    name = " ".join(arguments[1:2])
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
