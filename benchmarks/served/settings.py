"""The product's own settings, with the three ceilings at addresses beside its own."""

from courtplan.settings import *  # noqa: F403
from courtplan.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "benchmarks.served.urls"
WSGI_APPLICATION = "benchmarks.served.wsgi.application"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "benchmarks/served/templates")
