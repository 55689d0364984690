"""The web server's own few lines: sockets handed in, sockets bound, stopping. Slow clients are in tests/attack."""

import contextlib
import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture
def start(db_env):
    """Starts a server; what still runs at the end of the test is ended."""
    with contextlib.ExitStack() as processes:

        def start_process(env, command=("-m", "courtplan.serve"), **options):
            process = subprocess.Popen(  # noqa: S603 – our own command
                [sys.executable, *command], cwd=settings.BASE_DIR, env=os.environ | ENV | db_env | env, **options
            )
            processes.enter_context(process)
            processes.callback(process.terminate)
            return process

        yield start_process


@pytest.fixture
def db_env(tmp_path):
    return {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "DATA_DIR": str(tmp_path)}


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
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_it_serves_each_address_that_is_set(start, tmp_path):
    port = free_port()
    path = tmp_path / "web.sock"
    path.write_text("left by an earlier start")
    process = start({"LISTEN": f"127.0.0.1:{port},unix:{path}"})
    assert (wait_for(port), wait_for(path)) == (200, 200)
    process.terminate()

    assert process.wait(timeout=20) == 0


def test_a_socket_that_is_handed_in_outlives_the_server(start):
    """Who comes while the processes are replaced waits for the next ones, and is not refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        first = start({}, ("-c", HAND_IN, str(fd)), pass_fds=[fd])
        assert wait_for(port) == 200
        first.terminate()
        assert first.wait(timeout=20) == 0
        with socket.create_connection(("127.0.0.1", port), timeout=60) as early:
            early.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

            start({}, ("-c", HAND_IN, str(fd)), pass_fds=[fd])

            assert early.makefile("rb").readline().startswith(b"HTTP/1.1 200")


# One worker of four threads, and an application that takes half a second for each answer of three megabytes.
SLOW = """
import time
from courtplan import serve
def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.5)
    start_response("200 OK", [("Content-Length", "3000000")])
    return [b"x" * 3_000_000]
load = serve.import_string
serve.import_string = lambda name: load(name) and application
serve.main()
"""


def test_requests_that_have_arrived_are_answered_before_the_server_stops(start):
    """Those in work, those that wait for a thread, and what a client has not taken yet."""
    port = free_port()
    process = start({"LISTEN": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}, ("-c", SLOW))
    wait_for(port)
    with ThreadPoolExecutor(10) as clients:
        answers = [clients.submit(n_bytes_of, port, "/slow") for _n in range(10)]
        time.sleep(0.3)

        process.terminate()

        assert [answer.result() for answer in answers] == [3_000_000] * 10
    assert process.wait(timeout=20) == 0


def n_bytes_of(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return len(connection.getresponse().read())


def test_workers_end_with_their_parent(start):
    port = free_port()
    process = start({"LISTEN": f"127.0.0.1:{port}"})
    wait_for(port)

    process.kill()
    process.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            ask(port)
        except ConnectionRefusedError:
            break
        time.sleep(0.2)

    with pytest.raises(ConnectionRefusedError):
        ask(port)


def test_the_worker_of_background_tasks_begins_and_ends_with_the_server(start, tmp_path):
    """And is replaced when it dies."""
    migrate = start({}, ("manage.py", "migrate", "-v", "0"))
    assert migrate.wait(timeout=120) == 0
    env = {"LISTEN": f"unix:{tmp_path / 'web.sock'}", "LOG_LEVEL": "INFO"}
    with (tmp_path / "log").open("wb") as log:
        process = start(env, ("-m", "courtplan.serve", "--with-worker"), stderr=log)
    first = wait_for_worker(process, tmp_path / "log", n_started=1)
    os.kill(first, signal.SIGKILL)
    second = wait_for_worker(process, tmp_path / "log", n_started=2)
    process.terminate()

    assert first != second
    assert process.wait(timeout=20) == 0
    assert not Path(f"/proc/{second}").exists()


def test_the_worker_of_background_tasks_ends_with_a_server_that_was_killed(start, tmp_path):
    assert start({}, ("manage.py", "migrate", "-v", "0")).wait(timeout=120) == 0
    env = {"LISTEN": f"unix:{tmp_path / 'web.sock'}", "LOG_LEVEL": "INFO"}
    with (tmp_path / "log").open("wb") as log:
        process = start(env, ("-m", "courtplan.serve", "--with-worker"), stderr=log)
    worker = Path(f"/proc/{wait_for_worker(process, tmp_path / 'log', n_started=1)}")

    process.kill()
    process.wait()
    until = time.monotonic() + 20
    while worker.exists() and time.monotonic() < until:
        time.sleep(0.2)

    assert not worker.exists()


def wait_for_worker(process, log, *, n_started):
    """The worker's process id, once the log says that it is at work."""
    until = time.monotonic() + 60
    while log.read_text().count("Starting worker") < n_started:
        assert time.monotonic() < until
        time.sleep(0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    # In a session of its own, which Ctrl+C does not reach.
    return next(int(pid) for pid in children if os.getsid(int(pid)) == int(pid))


def test_modules_loaded_before_the_fork_are_left_out_of_garbage_collection(start):
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
    process = start({}, ("-c", report), stdout=subprocess.PIPE, text=True)

    assert process.communicate(timeout=60)[0].strip() == "False"
    assert gc.is_tracked(vars(pytest))  # as a module's names are, where nothing was frozen
