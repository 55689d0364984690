"""Clients that hardly send and hardly read, before bin/run's server; benchmarks/attack.py measures more of them."""

import os
import signal
import socket
import time

import pytest
from django.conf import settings

from courtplan import serve
from tests.attack.server import statuses
from tests.attack.test_limits import HOST, MEGABYTE, TOKEN, server  # noqa: F401 – the same server

# More than the one process of the test has threads.
N_SLOW = 12
FORM = b"POST /login/ HTTP/1.1\r\n" + HOST + TOKEN + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "say nothing": b"",
    "never end their head": b"GET /login/ HTTP/1.1\r\n" + HOST,
    "never end their form": FORM + b"Content-Length: 100000\r\n\r\na=",
    "never end their chunks": FORM + b"Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n",
    "read nothing": (b"GET /login/ HTTP/1.1\r\n" + HOST + b"\r\n") * 100,
}


@pytest.mark.django_db
@pytest.mark.parametrize("how", SLOW)
def test_slow_clients_keep_nobody_from_being_served(server, how):  # noqa: F811
    slow = []
    try:
        for _one in range(N_SLOW):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            sock.connect(("127.0.0.1", server.port))
            sock.sendall(SLOW[how])
            slow.append(sock)

        assert server.get("/login/")[0] == 200
    finally:
        for sock in slow:
            sock.close()


@pytest.mark.django_db
def test_a_crowd_of_slow_sign_ins_keeps_nobody_from_being_served(server):  # noqa: F811
    """More than a pool of threads could hold, each sending its form a byte at a time."""
    crowd = []
    try:
        for _n in range(100):
            sock = socket.create_connection(("127.0.0.1", server.port))
            sock.sendall(FORM + b"Content-Length: 100000\r\n\r\n")
            crowd.append(sock)
        for _round in range(3):
            for sock in crowd:
                sock.sendall(b"a")
            began = time.monotonic()
            assert server.get("/login/")[0] == 200
            assert time.monotonic() - began < 5
    finally:
        for sock in crowd:
            sock.close()


def test_silent_clients_are_dropped_and_their_number_is_bounded():
    """By waitress itself; how long and how many is ours to say."""
    assert serve.OPTIONS["channel_timeout"] <= 60
    assert serve.OPTIONS["connection_limit"] <= 400


@pytest.mark.django_db
def test_too_large_a_request_is_refused_in_words(server):  # noqa: F811
    """Up to twice what the product takes, it answers itself; more is refused unread."""
    n_bytes = settings.UPLOAD_MAX_REQUEST + 5 * MEGABYTE
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(FORM + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % n_bytes)
        for _n in range(n_bytes // MEGABYTE):
            client.sendall(b"x" * MEGABYTE)
        answer = client.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "没有保存" in answer


@pytest.mark.django_db
def test_much_too_large_a_request_is_refused_unread(server):  # noqa: F811
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(FORM + b"Content-Length: %d\r\n\r\n" % (3 * settings.UPLOAD_MAX_REQUEST))

        assert statuses(client)[0] == [413]


@pytest.mark.django_db
def test_a_worker_that_ends_is_replaced(server):  # noqa: F811
    (before,) = server.worker_pids()

    os.kill(before, signal.SIGKILL)
    until = time.monotonic() + 20
    while server.worker_pids() in ([], [before]) and time.monotonic() < until:
        time.sleep(0.1)

    assert server.worker_pids() not in ([], [before])
    assert server.get("/login/")[0] == 200
