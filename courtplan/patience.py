"""A gunicorn worker that waits for slow clients itself, so that none of its threads has to.

gunicorn starts, watches, replaces and stops the processes; waitress takes requests in whole and hands answers out at
each client's pace, all connections in one loop. A thread is taken only between the two, while the product thinks. So
`bin/run` holds out without a proxy; behind nginx, which does the same, deploy/gunicorn.conf.py needs none of it.
"""

import logging
import os
import time

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest, RequestEntityTooLarge

MEGABYTE = 1024 * 1024
TICK = 1
# How long a request may take to arrive: so many seconds, and one more for each so many bytes that have come.
SECONDS_TO_ARRIVE, LEAST_BYTES_A_SECOND = 20, 2_000
SECONDS_OF_SILENCE = 60
# Each may need a file for what it sends, too; a process may commonly open 1,024.
MOST_CONNECTIONS = 400

# The limits of deploy/nginx/courtplan.conf, once more.
VERSIONS = (b" HTTP/1.0", b" HTTP/1.1")
LONGEST_LINE, MOST_FIELDS, LARGEST_HEAD = 8190, 64, 32 * 1024

# That somebody waits for a thread is told by the time requests take, and that threads are idle at the end is no news.
for name in ("waitress", "waitress.queue"):
    logging.getLogger(name).setLevel(logging.ERROR)


class TooLarge(RequestEntityTooLarge):
    """Refused before the product sees anything of it, and so in plain text."""

    def to_response(self, ident=None):
        text = "上传的内容太大，没有接收，也没有保存。请返回上一页，减少或压缩文件后重试。\n"
        return f"{self.code} {self.reason}", [("Content-Type", "text/plain; charset=utf-8")], text.encode()


class Head(HTTPRequestParser):
    """Stricter than waitress, as gunicorn is: fields over two lines, other versions, and lines without CR are refused."""

    def received(self, data):
        n_bytes = super().received(data)
        if not self.headers_finished and b"\n\n" in self.header_plus:
            self.error, self.completed = BadRequest("Lines have to end in CR LF"), True
        if self.chunked and getattr(self.body_rcv, "chunk_remainder", 0) > self.adj.max_request_body_size:
            self.error, self.completed = TooLarge("A chunk larger than any request may be"), True
        if type(self.error) is RequestEntityTooLarge:
            self.error = TooLarge(self.error.body)
        return n_bytes

    def parse_header(self, header_plus):
        first, _line, fields = header_plus.partition(b"\r\n")
        if not first.endswith(VERSIONS) or b"\r\n " in fields or b"\r\n\t" in fields:
            raise ParsingError("Not HTTP/1.1")
        if len(first) > LONGEST_LINE or fields.count(b"\r\n") >= MOST_FIELDS:
            raise ParsingError("Too long an address, or too many fields")
        super().parse_header(header_plus)


class Task(WSGITask):
    def set_close_on_finish(self):
        """Waitress ends the connection with an answer whose length it isn't told. One that has no body, such as “not
        modified”, ends with its head: the browser goes on with the connection it has."""
        keeps = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if self.has_body or not keeps:
            super().set_close_on_finish()


class Channel(HTTPChannel):
    parser_class = Head
    task_class = Task
    n_bytes_taken = 0  # by the client, so far

    def send(self, data, do_close=True):
        n_bytes = super().send(data, do_close=do_close)
        self.n_bytes_taken += n_bytes
        return n_bytes


class PatientServer(TcpWSGIServer):
    """Waitress on one socket, with a deadline for whatever is still coming in, or lies ready to be taken."""

    channel_class = Channel

    def maintenance(self, now):
        TcpWSGIServer.maintenance(self, now)
        for channel in list(self.active_channels.values()):
            request = channel.request
            if request is None:
                channel.waited_for = None
            elif getattr(channel, "waited_for", None) is not request:
                channel.waited_for, channel.waited_since = request, now
            elif now - channel.waited_since > seconds_to_arrive(request):
                channel.will_close = True
            if takes_too_little(channel, now):
                channel.handle_close()  # at once: who takes nothing never makes room for a last word

    def is_at_rest(self):
        return not any(one.requests or one.total_outbufs_len for one in self.active_channels.values())


def seconds_to_arrive(request):
    n_bytes = request.header_bytes_received + request.body_bytes_received
    return SECONDS_TO_ARRIVE + n_bytes / LEAST_BYTES_A_SECOND


def takes_too_little(channel, now):
    """Whether the client has taken less than it might of what lay ready for it all the while, over the time that
    silence may last."""
    if not channel.total_outbufs_len:
        channel.ready_since = None
    elif getattr(channel, "ready_since", None) is None:
        channel.ready_since, channel.taken_then = now, channel.n_bytes_taken
    elif now - channel.ready_since > SECONDS_OF_SILENCE:
        taken = channel.n_bytes_taken - channel.taken_then
        channel.ready_since, channel.taken_then = now, channel.n_bytes_taken
        return taken < SECONDS_OF_SILENCE * LEAST_BYTES_A_SECOND
    return False


class PatientWorker(Worker):
    def run(self):
        loop, dispatcher = {}, ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        servers = [self._server_on(one.sock, loop, dispatcher) for one in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._turn(loop)
        for server in servers:  # who comes now is another worker's, or the next one's
            server.accepting = False
            server.del_channel()
        until = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < until and not all(server.is_at_rest() for server in servers):
            self._turn(loop)
        dispatcher.shutdown(timeout=0)

    def _server_on(self, sock, loop, dispatcher):
        return PatientServer(
            self.wsgi,
            loop,
            _sock=sock,
            dispatcher=dispatcher,
            adj=Adjustments(
                ident=None,
                # Believing them or not is the product's own setting, BEHIND_PROXY.
                clear_untrusted_proxy_headers=False,
                max_request_header_size=LARGEST_HEAD,
                max_request_body_size=settings.UPLOAD_MAX_REQUEST + MEGABYTE,
                connection_limit=MOST_CONNECTIONS,
                channel_timeout=SECONDS_OF_SILENCE,
                cleanup_interval=5,
                log_socket_errors=False,
                asyncore_use_poll=True,
            ),
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )

    def _turn(self, loop):
        self.notify()
        wasyncore.loop(timeout=TICK, use_poll=True, map=loop, count=1)
