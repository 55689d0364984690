"""The web server's own few lines: sockets handed in, sockets bound, stopping. Slow clients are in tests/attack."""

import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once("启动真正的网页服务，只看套接字和进程，不看数据库")

ENV = {"SECRET_KEY": "only-for-tests", "ENV_FILE": "/dev/null", "WEB_CONCURRENCY": "2", "LOG_LEVEL": "CRITICAL"}
# What systemd does: the socket is descriptor 3, and the environment names this very process.
HAND_IN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "courtplan.serve"])
"""


def start(env, command=("-m", "courtplan.serve"), **options):
    return subprocess.Popen(  # noqa: S603 – our own command
        [sys.executable, *command], cwd=settings.BASE_DIR, env=os.environ | ENV | env, **options
    )


def wait_for(path_or_port, *, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return ask(path_or_port)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def ask(path_or_port, path="/healthz"):
    connection = http.client.HTTPConnection("127.0.0.1", timeout=20)
    if isinstance(path_or_port, int):
        connection.port = path_or_port
    else:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(20)
        connection.sock.connect(str(path_or_port))
    connection.request("GET", path)
    return connection.getresponse().status


@pytest.fixture
def db_env(tmp_path):
    return {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "DATA_DIR": str(tmp_path)}


def test_it_serves_each_address_that_is_set(db_env, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "web.sock"
    path.write_text("left by an earlier start")
    process = start(db_env | {"LISTEN": f"127.0.0.1:{port},unix:{path}"})
    try:
        assert (wait_for(port), wait_for(path)) == (200, 200)
    finally:
        process.terminate()

    assert process.wait(timeout=20) == 0


def test_a_socket_that_is_handed_in_outlives_the_server(db_env):
    """Who comes while the processes are replaced waits for the next ones, and is not refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        first = start(db_env, ("-c", HAND_IN, str(fd)), pass_fds=[fd])
        assert wait_for(port) == 200
        first.terminate()
        assert first.wait(timeout=20) == 0
        with socket.create_connection(("127.0.0.1", port), timeout=60) as early:
            early.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

            second = start(db_env, ("-c", HAND_IN, str(fd)), pass_fds=[fd])
            try:
                assert early.makefile("rb").readline().startswith(b"HTTP/1.1 200")
            finally:
                second.terminate()
                second.wait(timeout=20)


def test_the_worker_of_background_tasks_begins_and_ends_with_the_server(db_env, tmp_path):
    """And is replaced when it dies."""
    migrate = start(db_env, ("manage.py", "migrate", "-v", "0"))
    assert migrate.wait(timeout=120) == 0
    env = db_env | {"LISTEN": f"unix:{tmp_path / 'web.sock'}", "LOG_LEVEL": "INFO"}
    with (tmp_path / "log").open("wb") as log:
        process = start(env, ("-m", "courtplan.serve", "--with-worker"), stderr=log)
    try:
        first = wait_for_worker(process, tmp_path / "log", n_started=1)
        os.kill(first, signal.SIGKILL)
        second = wait_for_worker(process, tmp_path / "log", n_started=2)
    finally:
        process.terminate()

    assert first != second
    assert process.wait(timeout=20) == 0
    assert not Path(f"/proc/{second}").exists()


def wait_for_worker(process, log, *, n_started):
    """The worker's process id, once the log says that it is at work."""
    until = time.monotonic() + 60
    while log.read_text().count("Starting worker") < n_started:
        assert time.monotonic() < until
        time.sleep(0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    # In a session of its own, which Ctrl+C does not reach.
    return next(int(pid) for pid in children if os.getsid(int(pid)) == int(pid))


def test_modules_loaded_before_the_fork_are_left_out_of_garbage_collection(db_env):
    """Read in a process of its own: the collector's state is the process's."""
    report = (
        "import gc, courtplan.serve as serve\n"
        "serve.listening_sockets = lambda: []\n"
        "serve.os.wait = lambda: (_ for _ in ()).throw(SystemExit)\n"
        "serve.main()\n"
        "from apps.dashboard import views\n"
        "tracked = {id(thing) for thing in gc.get_objects()}\n"
        "print(id(vars(views)) in tracked)"
    )
    process = start(db_env, ("-c", report), stdout=subprocess.PIPE, text=True)

    assert process.communicate(timeout=60)[0].strip() == "False"
    assert gc.is_tracked(vars(pytest))  # as a module's names are, where nothing was frozen
