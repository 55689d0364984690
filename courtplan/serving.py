"""How gunicorn logs and what it does when it and its workers start: `--config python:courtplan.serving`, or imported by a longer one."""

import gc
import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")

from django.conf import settings
from django.urls import get_resolver

# Its own lines look like ours. Of requests ours tell; gunicorn's would name addresses and queries.
logconfig_dict = settings.LOGGING
accesslog = None


def on_starting(server):
    """What the processes of an earlier start have counted is done with: Prometheus has read it."""
    if settings.METRICS:
        for file in Path(settings.METRICS_DIR).glob("*.db"):
            file.unlink(missing_ok=True)


def post_worker_init(worker):
    """What every request needs is loaded before the first, and not looked through for garbage ever again: that took a
    tenth of a second now and then, in the midst of somebody's page."""
    get_resolver().url_patterns  # noqa: B018 – read for what it imports
    gc.collect()
    gc.freeze()
