#!/usr/bin/env python3
"""Django's command line for this project."""

import logging
import os
import sys

from django.apps import apps
from django.core.management import execute_from_command_line

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
    except Exception:
        if not apps.ready:  # then the log isn't set up either
            raise
        log.exception("manage.py %s failed", name)
        sys.exit(1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")
    main(sys.argv)
