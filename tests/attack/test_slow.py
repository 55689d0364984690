"""Clients that hardly send and hardly read, before bin/run's server; benchmarks/attack.py measures more of them."""

import socket
import threading
import time
from types import SimpleNamespace

import pytest
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

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
    channel = SimpleNamespace(
        request=one, requests=[], last_activity=begun + after, will_close=False, total_outbufs_len=0
    )
    loop = SimpleNamespace(active_channels={1: channel}, adj=SimpleNamespace(channel_timeout=60))

    patience.PatientServer.maintenance(loop, begun)
    channel.request = next_one if another else one
    patience.PatientServer.maintenance(loop, begun + after)

    assert channel.will_close == closed


@pytest.mark.parametrize(
    ("lies_ready", "taken", "after", "is_too_little"),
    [
        ([70_000, 60_000], 10_000, 61, True),  # a page at 160 bytes a second
        ([70_000, 60_000], 10_000, 59, False),  # not for long enough yet
        ([70_000, 0], 10_000, 61, False),  # has it all by now
        ([0, 60_000], 0, 61, False),  # has just become ready
        ([9_000_000, 8_000_000], 1_000_000, 61, False),  # a large file at 16 KB a second
        ([70_000, 70_000], 400_000, 61, False),  # page after page
    ],
)
def test_a_client_that_takes_next_to_nothing(lies_ready, taken, after, is_too_little):
    channel = SimpleNamespace(n_bytes_taken=5, total_outbufs_len=lies_ready[0])
    assert not patience.takes_too_little(channel, 1000.0)

    channel.total_outbufs_len, channel.n_bytes_taken = lies_ready[1], 5 + taken

    assert patience.takes_too_little(channel, 1000.0 + after) is is_too_little


def test_a_client_that_goes_on_taking_next_to_nothing_is_dropped_by_the_loop(answering, monkeypatch):
    monkeypatch.setattr(patience, "SECONDS_OF_SILENCE", 1)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.connect(answering.socket.getsockname())
        client.sendall(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n")
        assert client.recv(10) == b"HTTP/1.1 2"
        assert len(answering.active_channels) == 1
        until = time.monotonic() + 20
        while answering.active_channels and time.monotonic() < until:
            time.sleep(0.1)
            client.recv(10)

        assert not answering.active_channels


def test_too_large_a_request_is_refused_in_words(server):  # noqa: F811
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(FORM + b"Content-Length: 200000000\r\n\r\n")
        answer = client.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "没有保存" in answer
    assert "waitress" not in answer


@pytest.fixture
def answering():
    """A server on a port of its own, in a thread, for an application that answers each address with its own status."""

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/large":
            start_response("200 OK", [("Content-Length", "20000000")])
            return [b"x" * 20_000_000]
        start_response(environ["PATH_INFO"][1:], [("ETag", '"mark"')])
        return []

    loop, dispatcher, is_over = {}, ThreadedTaskDispatcher(), threading.Event()
    dispatcher.set_thread_count(1)
    listening = socket.create_server(("127.0.0.1", 0))
    sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
    one = patience.PatientServer(
        application,
        loop,
        _sock=listening,
        dispatcher=dispatcher,
        adj=Adjustments(ident=None, cleanup_interval=1),
        sockinfo=sockinfo,
        bind_socket=False,
    )

    def serve():
        while not is_over.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=loop, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield one
    is_over.set()
    thread.join()
    dispatcher.shutdown()
    wasyncore.close_all(loop)
    one.close()


@pytest.mark.parametrize(
    ("status", "version", "asked", "stays"),
    [
        ("304%20Not%20Modified", "1.1", "", True),
        ("204%20No%20Content", "1.1", "", True),
        ("304%20Not%20Modified", "1.1", "Connection: close\r\n", False),
        ("304%20Not%20Modified", "1.0", "", False),
        ("200%20OK", "1.1", "", False),  # its length is not told: only the end of the connection ends it
    ],
)
def test_an_answer_without_a_body_does_not_end_the_connection(answering, status, version, asked, stays):
    request = f"GET /{status} HTTP/{version}\r\nHost: here\r\n{asked}\r\n".encode()
    with socket.create_connection(answering.socket.getsockname(), timeout=5) as client:
        client.sendall(request)
        head = client.recv(4096)
        client.sendall(request)
        again = client.recv(4096) if b"Connection: close" not in head else b""

    assert head.startswith(f"HTTP/{version} {status[:3]}".encode())
    assert (b"Connection: close" not in head, again.startswith(b"HTTP/")) == (stays, stays)
