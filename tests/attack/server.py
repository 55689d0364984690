"""The product as bin/run serves it, on a port of its own, and rough ways of talking to it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30


class Server:
    """The server of bin/run on 127.0.0.1 for a `with` block; `env` says where its database is."""

    def __init__(self, env, *, port, workers=2):
        self.env = env | {"LISTEN": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers)}
        self.port = port
        self.process = None

    def __enter__(self):
        command = [sys.executable, "-m", "courtplan.serve"]
        self.process = subprocess.Popen(  # noqa: S603 – our own command
            command, cwd=ROOT, env=os.environ | self.env, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._wait()
        return self

    def __exit__(self, *_error):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _wait(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, "the server did not start"
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the server does not answer")

    # Who does the work

    def worker_pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def megabytes(self):
        """The memory that each worker holds now."""
        found = {}
        for pid in self.worker_pids():
            resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            found[pid] = int(resident[1]) / 1024
        return found

    # Talking to it

    def get(self, path, *, cookie=None, timeout=PATIENCE, port=None):
        """(status, body) of an ordinary request."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def sign_in(self, username, password):
        """The session's cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/login/")
        answer = connection.getresponse()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())[1]
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        body = urllib.parse.urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token})
        connection.request(
            "POST",
            "/login/",
            body,
            {
                "Cookie": cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{self.port}/",
            },
        )
        answer = connection.getresponse()
        answer.read()
        cookies = [header.split(";")[0] for header in answer.headers.get_all("Set-Cookie")]
        assert answer.status == 302, answer.status
        connection.close()
        return "; ".join(cookies)

    def connect(self, timeout=PATIENCE):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, content, *, timeout=PATIENCE):
        """The status lines that the server answers to these very bytes, and whether it closed the connection."""
        with self.connect(timeout) as sock:
            try:
                for piece in [content] if isinstance(content, bytes) else content:
                    sock.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it had heard enough
            return statuses(sock)


def statuses(sock):
    heard, closed = b"", False
    try:
        while part := sock.recv(65536):
            heard += part
        closed = True
    except TimeoutError:
        pass
    except ConnectionResetError:
        closed = True
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", heard)], closed
