#!/usr/bin/env python3
"""Attack the product as bin/run serves it, on this machine, and tell the figures.

    .venv/bin/python benchmarks/attack.py memory [requests]    10,000 requests over the main pages: does memory grow?
    .venv/bin/python benchmarks/attack.py slow [nginx]         clients that hardly send, or hardly read: who else is served?

`slow nginx` puts Debian's nginx before it. Needs requirements-dev.txt; the example court lies in a database of its own.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.attack.server import Server  # noqa: E402

PORT, NGINX_PORT = 8151, 8152
PAGES = (
    "/kfq/2025/",
    "/kfq/2025/measures/",
    "/kfq/2025/measures/1.2/",
    "/kfq/2025/measures/1.2/timeline/",
    "/kfq/2025/pillars/1/",
    "/kfq/2025/indicators/",
    "/kfq/2025/year/",
    "/kfq/2025/search/?q={n}",
    "/kfq/2025/?on=2025-{month:02}-{day:02}",
    "/kfq/2025/measures/?on=2025-{month:02}-{day:02}&format=csv",
    "/kfq/2025/reports/ledger.xlsx",
    "/kfq/2025/reports/bulletin/",
    "/my-work/",
    "/rules/",
    "/login/",
    "/nothing/{n}/",
)


@contextlib.contextmanager
def served(workers=2):
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "EVIDENCE_DIR": f"{folder}/evidence",
            "LOG_LEVEL": "CRITICAL",
            "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        }
        for command in ("migrate", "load_example", "seed_demo"):
            subprocess.run(
                [sys.executable, "manage.py", command],
                cwd=ROOT,
                env=os.environ | env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        with Server(env, port=PORT, workers=workers) as server:
            yield server, folder


def memory(n_requests=10_000):
    with served() as (server, _folder):
        cookie = server.sign_in("planadmin", "courtplan-demo")
        began = time.perf_counter()

        def ask(n):
            path = PAGES[n % len(PAGES)].format(n=n, month=n % 12 + 1, day=n % 28 + 1)
            return server.get(path, cookie=cookie)[0]

        answered, step = {}, max(n_requests // 10, 1)
        with ThreadPoolExecutor(4) as pool:
            for start in range(0, n_requests, step):
                for status in pool.map(ask, range(start, start + step)):
                    answered[status] = answered.get(status, 0) + 1
                sizes = ", ".join(f"{size:.0f}" for size in server.megabytes().values())
                took = time.perf_counter() - began
                print(
                    f"{start + step:6} requests, {took:5.0f} s: workers hold {sizes} MB; answers {answered}", flush=True
                )


# Slow clients


def drip_head(port):
    """A request that never comes to the end of its head."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    return lambda n, sock=sock: sock.sendall(b"X-%d: y\r\n" % n)


def drip_body(port):
    """A form that never comes to its end."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(
        b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 100000\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n\r\na="
    )
    return lambda n, sock=sock: sock.sendall(b"x")


def hardly_read(port):
    """Many answers asked for, and none fetched."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    sock.connect(("127.0.0.1", port))
    sock.sendall(
        b"GET /static/js/htmx.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        * 30
    )
    return lambda n, sock=sock: sock.recv(1)


def say_nothing(port):
    """A connection, and not a word."""
    sock = socket.create_connection(("127.0.0.1", port))
    return lambda n, sock=sock: None


def slow(how=""):
    with served() as (server, folder), contextlib.ExitStack() as stack:
        port = PORT
        if how == "nginx":
            stack.enter_context(nginx_before(server, folder))
            port = NGINX_PORT
        for attack in (say_nothing, drip_head, drip_body, hardly_read):
            for n_clients in (8,):
                measure(server, port, attack, n_clients)
                time.sleep(3)


def measure(server, port, attack, n_clients, *, seconds=12):
    """How many of the requests of ordinary people are answered, and how soon, while the attack goes on."""
    stop, took, n_lost = threading.Event(), [], 0
    keep = []

    def go_on():
        n = 0
        while not stop.wait(1):
            n += 1
            for one in list(keep):
                with contextlib.suppress(OSError):
                    one(n)

    for _one in range(n_clients):
        with contextlib.suppress(OSError):
            keep.append(attack(port))
    thread = threading.Thread(target=go_on)
    thread.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            server.get("/login/", timeout=5, port=port)
            took.append(time.monotonic() - began)
        except OSError:
            n_lost += 1
        time.sleep(0.2)
    stop.set()
    thread.join()
    keep.clear()
    slowest = f", slowest {max(took):.2f} s" if took else ""
    print(
        f"port {port}, {attack.__name__} × {n_clients}: {len(took)} answered{slowest}, {n_lost} not within 5 s",
        flush=True,
    )


@contextlib.contextmanager
def nginx_before(server, folder):
    """Debian's nginx, as plainly as it goes: it takes a request in whole before it hands it on."""
    conf = Path(folder, "nginx.conf")
    conf.write_text(f"""
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    client_header_timeout 10s; client_body_timeout 15s; send_timeout 15s; client_max_body_size 101m;
    server {{
        listen 127.0.0.1:{NGINX_PORT};
        location / {{ proxy_pass http://127.0.0.1:{server.port}; proxy_set_header Host 127.0.0.1; }}
    }}
}}
""")
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(conf)])
    time.sleep(2)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    act, *rest = sys.argv[1:] or ["memory"]
    {"memory": lambda n="10000": memory(int(n)), "slow": slow}[act](*rest)
