#!/usr/bin/env python3
"""Attack the product as bin/run serves it, on this machine, and tell the figures.

    .venv/bin/python benchmarks/attack.py memory [requests]    10,000 requests over the main pages: does memory grow?
    .venv/bin/python benchmarks/attack.py slow [nginx|site]    clients that hardly send, or hardly read: who else is served?

`slow nginx` puts Debian's nginx before it; `slow site` takes nginx as deploy/ has it. `memory` is also
for PostgreSQL: `bin/with_pg .venv/bin/python benchmarks/attack.py memory`. Needs requirements-dev.txt; the example
court lies in a database of its own.
"""

import contextlib
import getpass
import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.attack.server import Server  # noqa: E402

PORT, NGINX_PORT = 8151, 8152
CROWDS = (8, 64)
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
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/benchmark.sqlite3",
            "DATA_DIR": folder,
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "CRITICAL",
            "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        }
        for command in ("migrate", "load_example", "seed_demo", "collectstatic --noinput"):
            subprocess.run(
                [sys.executable, "manage.py", *command.split()],
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


@dataclass
class Door:
    """Where people and attackers come in."""

    port: int
    tls: bool = False
    cookie: str = ""

    def connect(self, *, reads=None):
        sock = socket.socket()
        if reads:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reads)
        sock.settimeout(10)
        sock.connect(("127.0.0.1", self.port))
        return TRUSTING.wrap_socket(sock) if self.tls else sock

    def get(self, path, *, timeout):
        kinds = {True: partial(http.client.HTTPSConnection, context=TRUSTING), False: http.client.HTTPConnection}
        connection = kinds[self.tls]("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


def drip_head(door):
    """A request that never comes to the end of its head."""
    sock = door.connect()
    sock.sendall(b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    return lambda n: sock.sendall(b"X-%d: y\r\n" % n)


def drip_body(door):
    """A form that never comes to its end."""
    sock = door.connect()
    sock.sendall(
        b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 100000\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n\r\na="
    )
    return lambda n: sock.sendall(b"x")


def drip_chunks(door):
    """The same without a length."""
    sock = door.connect()
    sock.sendall(
        b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Transfer-Encoding: chunked\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n\r\n"
    )
    return lambda n: sock.sendall(b"1\r\nx\r\n")


def hardly_read(door):
    """Large files asked for, and hardly fetched."""
    return _asked_for(door, b"/static/vendor/echarts/echarts.min.js", n_times=10)


def hardly_read_pages(door):
    """Large pages, made anew for each, asked for by somebody signed in, and hardly fetched."""
    return _asked_for(door, b"/kfq/2025/measures/?q=%d", n_times=30)


def _asked_for(door, path, *, n_times):
    sock = door.connect(reads=1024)
    head = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + door.cookie.encode() + b"\r\n\r\n"
    for n in range(n_times):
        sock.sendall(b"GET " + (path % n if b"%" in path else path) + head)
    return lambda n: sock.recv(1)


def say_nothing(door):
    """A connection, and not a word."""
    sock = door.connect()
    return lambda n, sock=sock: None


ATTACKS = (say_nothing, drip_head, drip_body, drip_chunks, hardly_read, hardly_read_pages)


def slow(how="", *only):
    """`how`: bare as bin/run serves it; `nginx`, the plainest, before that; `site`, all of deploy/."""
    before = {"": nothing_before, "nginx": nginx_before, "site": site_before}[how]
    with served() as (server, folder):
        cookie = server.sign_in("planadmin", "courtplan-demo")
        with before(server, folder) as door:
            door.cookie = cookie
            for attack in ATTACKS:
                for n_clients in CROWDS if not only or attack.__name__ in only else ():
                    measure(door, attack, n_clients, how or "bare")
                    time.sleep(3)


def measure(door, attack, n_clients, how, *, seconds=12):
    """How many of the requests of ordinary people are answered, and how soon, while the attack goes on."""
    stop, took, n_lost = threading.Event(), [], 0
    keep = []

    def go_on():
        n = 0
        while not stop.wait(1):
            n += 1
            for send_more in list(keep):
                with contextlib.suppress(OSError):
                    send_more(n)

    thread = threading.Thread(target=go_on)
    thread.start()
    for _one in range(n_clients):
        with contextlib.suppress(OSError):
            keep.append(attack(door))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            door.get("/login/", timeout=5)
            took.append(time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            n_lost += 1
        time.sleep(0.2)
    stop.set()
    thread.join()
    keep.clear()
    slowest = f", slowest {max(took):.2f} s" if took else ""
    print(f"{how}, {attack.__name__} × {n_clients}: {len(took)} answered{slowest}, {n_lost} not within 5 s", flush=True)


@contextlib.contextmanager
def nothing_before(server, _folder):
    yield Door(server.port)


@contextlib.contextmanager
def nginx_before(server, folder):
    """Debian's nginx, as plainly as it goes: it takes a request in whole before it hands it on."""
    site = f"""
    client_header_timeout 10s; client_body_timeout 15s; send_timeout 15s; client_max_body_size 101m;
    server {{
        listen 127.0.0.1:{NGINX_PORT};
        location / {{ proxy_pass http://127.0.0.1:{server.port}; proxy_set_header Host 127.0.0.1; }}
    }}
"""
    with nginx(site, folder):
        yield Door(NGINX_PORT)


@contextlib.contextmanager
def site_before(server, folder):
    """The site of deploy/, with its own addresses and files in place of the court's."""
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    openssl += ["-keyout", f"{folder}/courtplan.key", "-out", f"{folder}/courtplan.crt"]
    subprocess.run(openssl, check=True, capture_output=True)
    site = (ROOT / "deploy" / "nginx" / "courtplan.conf").read_text()
    for theirs, ours in (
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl http2;", ""),
        ("listen 80;", f"listen 127.0.0.1:{NGINX_PORT + 1};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{NGINX_PORT} ssl"),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{server.port}"),
        ("/etc/courtplan/tls/", f"{folder}/"),
        ("/var/lib/courtplan/static/", f"{folder}/static/"),
        ("/opt/courtplan/current/", f"{ROOT}/"),
    ):
        assert theirs in site, theirs
        site = site.replace(theirs, ours)
    with nginx(site, folder):
        yield Door(NGINX_PORT, tls=True)


@contextlib.contextmanager
def nginx(site, folder):
    for name in ("body", "proxy", "f", "u", "s"):
        Path(folder, name).mkdir(exist_ok=True)
    conf = Path(folder, "nginx.conf")
    conf.write_text(f"""
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user {getpass.getuser()};
events {{ worker_connections 1024; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{site}
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
