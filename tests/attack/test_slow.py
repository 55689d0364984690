"""Clients that hardly send and hardly read, before bin/run's server; benchmarks/attack.py measures more of them."""

import socket
import time
from types import SimpleNamespace

import pytest

from courtplan import patience
from tests.attack.test_limits import HOST, TOKEN, server  # noqa: F401 – the same server

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


@pytest.mark.parametrize(
    ("n_head", "n_body", "seconds"),
    [(0, 0, 20), (400, 0, 20.2), (400, 99_600, 70), (0, 100_000_000, 50_020)],
)
def test_how_long_a_request_may_take_to_arrive(n_head, n_body, seconds):
    request = SimpleNamespace(header_bytes_received=n_head, body_bytes_received=n_body)
    assert patience.seconds_to_arrive(request) == seconds


@pytest.mark.parametrize(
    ("after", "another", "closed"),
    [(19, False, False), (21, False, True), (21, True, False)],
)
def test_a_request_that_does_not_arrive_in_time_is_dropped(after, another, closed):
    """Another request on the same connection has a deadline of its own."""
    begun = time.time()
    one, next_one = (SimpleNamespace(header_bytes_received=10, body_bytes_received=0) for _n in range(2))
    channel = SimpleNamespace(request=one, requests=[], last_activity=begun + after, will_close=False)
    loop = SimpleNamespace(active_channels={1: channel}, adj=SimpleNamespace(channel_timeout=60))

    patience.PatientServer.maintenance(loop, begun)
    channel.request = next_one if another else one
    patience.PatientServer.maintenance(loop, begun + after)

    assert channel.will_close == closed


def test_too_large_a_request_is_refused_in_words(server):  # noqa: F811
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(FORM + b"Content-Length: 200000000\r\n\r\n")
        answer = client.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "没有保存" in answer
    assert "waitress" not in answer
