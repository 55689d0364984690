#!/usr/bin/env python3
"""Every odd value in every address, question and form, where the tests try a few of each.

    .venv/bin/python benchmarks/crawl.py

Some 9,000 requests. On SQLite in a folder of its own, or in the PostgreSQL that `DATABASE_URL` names. Needs
requirements-dev.txt.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = "tests/attack/test_crawl.py::test_odd_values_break_nothing"


def main():
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "DATA_DIR": folder,
            "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            **os.environ,
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DEBUG": "off",
            "HTTPS": "off",
            "EVERY_ODD_VALUE": "yes",
        }
        return subprocess.run([sys.executable, "-m", "pytest", "-vv", TEST], cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
