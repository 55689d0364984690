#!/usr/bin/env python3
"""What the cache of pages saves, and what a cache of plan rows would save besides, by the distance of the database.

    bin/with_pg .venv/bin/python benchmarks/distance.py

SQLite, PostgreSQL on a local socket, and PostgreSQL 1 ms away (through a proxy that waits half of it each way), each with
the example year. Milliseconds that pass, medians: the dashboard built with nothing cached; of it loading the plan's rows,
which is all that a second layer could save; the dashboard unchanged. docs/adr/0004-what-is-cached.md draws on it.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parent.parent
HALF_A_MILLISECOND = 0.0005
ROUNDS = 15


def main():
    postgres = os.environ["DATABASE_URL"]
    with tempfile.TemporaryDirectory() as folder:
        urls = {
            "SQLite": f"sqlite:///{folder}/db.sqlite3",
            "local socket": postgres,
            "1 ms away": _through_proxy(postgres),
        }
        print(f"{'':14}{'built':>10}{'of it rows':>12}{'unchanged':>12}")
        for name, url in urls.items():
            env = os.environ | {
                "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "courtplan.settings", "ENV_FILE": os.devnull,
                "SECRET_KEY": "benchmark", "DATA_DIR": folder, "LOG_LEVEL": "ERROR", "ALLOWED_HOSTS": "testserver",
                "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            }  # fmt: skip
            if name != "1 ms away":  # the database is the one behind the socket
                for command in ("migrate", "load_example", "seed_demo"):
                    subprocess.run(
                        [sys.executable, "manage.py", command], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
                    )
            done = subprocess.run(
                [sys.executable, "-W", "ignore", __file__, "measure"],
                cwd=ROOT,
                env=env,
                check=True,
                stdout=subprocess.PIPE,
            )
            built, rows, unchanged = json.loads(done.stdout)
            print(f"{name:14}{built:>10.1f}{rows:>12.1f}{unchanged:>12.1f}", flush=True)


def measure():
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.cache import cache
    from django.test import Client

    from apps.accounts.models import User
    from apps.assessment.plan_data import load_plan_data
    from apps.plans.models import Plan

    client, plan = Client(), Plan.objects.select_related("court").get()
    client.force_login(User.objects.get(username="leader"))
    client.cookies["csrftoken"] = "a" * 32
    address = f"/{plan.court.slug}/{plan.year}/"

    def built():
        cache.clear()
        assert client.get(address).status_code == 200

    times = [_median(function) for function in (built, lambda: load_plan_data(plan), lambda: client.get(address))]
    print(json.dumps(times))


def _median(function):
    times = []
    function()
    for _round in range(ROUNDS):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _through_proxy(url):
    """The same database through a port of this process, which lets every package wait."""
    parts = urlsplit(url)
    path = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source, target):
        while data := source.recv(65536):
            time.sleep(HALF_A_MILLISECOND)
            target.sendall(data)
        target.close()

    def accept():
        while True:
            client, _address = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            server.connect(path)
            for pair in ((client, server), (server, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"postgres://{parts.username}@127.0.0.1:{listener.getsockname()[1]}{parts.path}"


if __name__ == "__main__":
    measure() if sys.argv[1:] else main()
