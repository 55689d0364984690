"""How gunicorn logs and what it does when it starts: `--config python:courtplan.serving`, or imported by a longer one."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")

from django.conf import settings

# Its own lines look like ours. Of requests ours tell; gunicorn's would name addresses and queries.
logconfig_dict = settings.LOGGING
accesslog = None


def on_starting(server):
    """What the processes of an earlier start have counted is done with: Prometheus has read it."""
    if settings.METRICS:
        for file in Path(settings.METRICS_DIR).glob("*.db"):
            file.unlink(missing_ok=True)
