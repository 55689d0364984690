"""The web server of bin/run and deploy/: waitress, in several processes on one socket. `python -m courtplan.serve`

With `--with-worker` the worker of background tasks is one more process; in deploy/ it is a service of its own.
waitress takes requests in whole and hands answers out at each client's pace, so a slow client keeps no thread busy
(docs/adr/0005-web-server.md). The parent loads the product once, forks, and replaces a worker that ended.
"""

import gc
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver
from django.utils.module_loading import import_string
from waitress.server import create_server

OPTIONS = {
    "threads": 4,
    "ident": None,
    "clear_untrusted_proxy_headers": False,  # BEHIND_PROXY decides whether they are believed (core/addresses.py)
    "max_request_header_size": 32 * 1024,
    # Twice what the product takes: up to here it refuses a request itself, with a page in Chinese.
    "max_request_body_size": 2 * settings.UPLOAD_MAX_REQUEST,
    "connection_limit": 400,  # each may need a file for what it sends, too; a process may commonly open 1,024
    "channel_timeout": 60,
    "cleanup_interval": 5,
    "asyncore_use_poll": True,
}
SECONDS_BEFORE_RESTART = 1
SECONDS_TO_FINISH = 30


def listening_sockets():
    """Those that systemd hands in (sd_listen_fds), else one for each address in LISTEN."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        return [socket.socket(fileno=3 + n) for n in range(int(os.environ["LISTEN_FDS"]))]
    return [_bind(address) for address in settings.LISTEN]


def _bind(address):
    if address.startswith("unix:"):
        path = Path(address.removeprefix("unix:"))
        path.unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(path))
        path.chmod(0o666)  # nginx runs as another user; who reaches the folder may connect
        sock.listen(1024)
        return sock
    host, _colon, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), int(port)), family=family, backlog=1024)


def main(*, with_worker=False):
    sockets = listening_sockets()
    # Loaded before the fork, shared by the workers, and left out of garbage collection: a full collection paused
    # requests for about 0.1 s.
    application = import_string(settings.WSGI_APPLICATION)
    get_resolver().url_patterns  # noqa: B018 – read for what it imports
    gc.freeze()
    if settings.METRICS:  # Prometheus has read what the processes of an earlier start counted
        for path in settings.METRICS_DIR.glob("*.db"):
            path.unlink()
    programs = [partial(_serve, application, sock) for sock in sockets * settings.WEB_CONCURRENCY]
    children = {}  # program by process id
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        for program in [*programs, _run_tasks] if with_worker else programs:
            _start(program, children)
        while True:
            pid, _status = os.wait()
            time.sleep(SECONDS_BEFORE_RESTART)  # one that can't start must not take the machine
            _start(children.pop(pid), children)
    except (SystemExit, KeyboardInterrupt):
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        for pid in children:
            os.waitpid(pid, 0)


def _start(program, children):
    parent = os.getpid()
    if pid := os.fork():
        children[pid] = program
        return
    children.clear()  # of the parent
    threading.Thread(target=_stop_without, args=[parent], daemon=True).start()
    program()  # until SIGTERM: both finish what they have in hand
    sys.exit()


def _stop_without(parent):
    """SIGTERM to this process once its parent was killed, also where that came before this line."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(application, sock):
    channels, stopping = {}, threading.Event()
    server = create_server(application, map=channels, sockets=[sock], **OPTIONS)
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, too, which sends SIGTERM
    finish = partial(_finish, server, channels, sock.fileno(), stopping)
    threading.Thread(target=finish, daemon=True).start()
    server.run()


def _finish(server, channels, listener, stopping):
    """On SIGTERM: take no new connection, and end when what has arrived is answered.

    waitress would drop the requests that wait for a thread and the answers that a client has not taken yet.
    """
    stopping.wait()
    del channels[listener]
    deadline = time.monotonic() + SECONDS_TO_FINISH
    while time.monotonic() < deadline and any(
        channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values())
    ):
        time.sleep(0.05)
    os._exit(0)


def _run_tasks():
    os.setsid()  # Ctrl+C reaches the parent alone: a second signal would break off the task in hand
    call_command("db_worker", interval=2, reload=False)


if __name__ == "__main__":
    main(with_worker="--with-worker" in sys.argv)
