#!/usr/bin/env python3
"""Reports handed in through three servers while one is killed and PostgreSQL is restarted, twice.

    .venv/bin/python benchmarks/outage.py [reports [people]]

240 reports by 8 people unless told. Starts a PostgreSQL of its own and three servers, each with its own parent process. Who
gets no answer, or an answer that something failed, tries again at whichever server comes next, as a person would.
Prints what happened and ends with 1 where

- a report that was acknowledged is not in the database exactly once, or any other stands there;
- the trail tells of a hand-in twice, or its chain or the rows of record are not whole;
- a request failed that did not overlap an outage of what it needed.
"""

import http.client
import importlib.util
import itertools
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
N_SERVERS = 3
PATIENCE = 120.0
DATABASE = "database"


def with_pg():
    """bin/with_pg as a module: it has no ending."""
    loader = SourceFileLoader("with_pg", str(ROOT / "bin/with_pg"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("with_pg", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class Database:
    """PostgreSQL that keeps what it has confirmed even where it is stopped at once, unlike that of the tests."""

    def __init__(self, home):
        self.server = with_pg().Server(home, options="-c listen_addresses=")
        self.server.start()
        self.url, self.restart = self.server.url, self.server.restart


class Web:
    """One server, as on a machine of its own."""

    def __init__(self, number, env):
        self.number, self.env = number, env
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.socket.close()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "courtplan.serve"],
            cwd=ROOT,
            env=self.env | {"LISTEN": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": "1"},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.ask("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                sys.exit(f"server {self.number} did not start")
            time.sleep(0.1)

    def kill(self):
        """Without a word, its workers with it: as when the machine loses power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method, path, *, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.text = answer.read().decode()
            return answer
        finally:
            connection.close()


@dataclass
class Log:
    """What happened, for the judgement at the end: times are of one clock."""

    acknowledged: dict = field(default_factory=dict)
    n_requests: int = 0
    failed: list = field(default_factory=list)  # (begin, end, server, what)
    outages: list = field(default_factory=list)  # (begin, end, what was out)
    unexpected: list = field(default_factory=list)

    @contextmanager
    def outage(self, what):
        begin = time.monotonic()
        yield
        self.outages.append((begin, time.monotonic(), what))

    def beyond_outages(self):
        return [
            (server, what)
            for begin, end, server, what in self.failed
            if not any(
                begin <= over and end >= out and which in (server, DATABASE) for out, over, which in self.outages
            )
        ]


class Person(threading.Thread):
    """Hands in reports one after another; each until it is acknowledged."""

    def __init__(self, cookie, addresses, webs, log):
        super().__init__(daemon=True)
        self.cookie, self.addresses, self.log = cookie, addresses, log
        self.webs = itertools.cycle(webs)

    def run(self):
        while True:
            try:
                code, address = self.addresses.get_nowait()
            except queue.Empty:
                return
            deadline = time.monotonic() + PATIENCE
            while not self.hands_in(code, address):
                if time.monotonic() > deadline:
                    self.log.unexpected.append(f"{code}: not taken within {PATIENCE:.0f} s")
                    break
                time.sleep(0.2)

    def hands_in(self, code, address):
        page = self.ask("GET", address, {"Cookie": f"sessionid={self.cookie}"})
        if page is None:
            return False
        if page.status == 302:  # handed in already: the answer to that was lost
            return self.is_acknowledged(code, page.headers["Location"])
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        secret = re.search(r"csrftoken=([^;]+)", page.headers["Set-Cookie"])[1]
        revision = re.search(r'name="revision"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="revision"', page.text)
        typed = {"csrfmiddlewaretoken": token, "act": "submit", "text": f"report {code}", "percent": "50"}
        typed |= {"declared": "normal", "revision": revision[1] or revision[2]}
        body = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in typed.items())
        headers = {
            "Cookie": f"sessionid={self.cookie}; csrftoken={secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = self.ask("POST", address, headers, body)
        if answer is None:
            return False
        return self.is_acknowledged(code, answer.headers.get("Location", ""), answer)

    def is_acknowledged(self, code, location, answer=None):
        if "/reports/" in location or location.endswith(("/my-work/", f"/measures/{code}/")):
            self.log.acknowledged[code] = self.log.acknowledged.get(code, 0) + 1
            return True
        self.log.unexpected.append(f"{code}: {answer and answer.status} {location or (answer and answer.text[:300])}")
        return False

    def ask(self, method, address, headers, body=None):
        web = next(self.webs)
        begin = time.monotonic()
        self.log.n_requests += 1
        try:
            answer = web.ask(method, address, body=body, headers=headers)
            what = answer.status if answer.status >= 500 else None
        except (OSError, http.client.HTTPException) as error:
            answer, what = None, type(error).__name__
        if what is None:
            return answer
        self.log.failed.append((begin, time.monotonic(), web.number, what))
        return None


def prepare(n_reports, n_people):
    """A court with that many measures and people of one department: (cookies, addresses)."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from apps.accounts.choices import Role
    from tests.factories import DepartmentFactory, MeasureFactory, PillarFactory, PlanFactory, UserFactory

    call_command("migrate", verbosity=0)
    plan = PlanFactory(court__slug="kfq", year=timezone.localdate().year)
    pillar, lead = PillarFactory(plan=plan), DepartmentFactory(court=plan.court)
    measures = [MeasureFactory(plan=plan, pillar=pillar, code=f"1.{n}", lead=lead) for n in range(1, n_reports + 1)]
    cookies = []
    for _n in range(n_people):
        client = Client()
        client.force_login(
            UserFactory(court=plan.court, department=lead, roles=[Role.REPORTER]),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        cookies.append(client.cookies["sessionid"].value)
    addresses = {
        measure.code: reverse("reporting:write", args=["kfq", plan.year, measure.code]) for measure in measures
    }
    connection.close()
    return cookies, addresses


def problems(log, addresses):
    """What is not as it must be, in the database and in what was seen."""
    from collections import Counter

    from apps.audit.models import AuditEvent
    from apps.audit.selectors import chain_states, records_state
    from apps.reporting.models import Report

    found = [f"unexpected answer: {answer}" for answer in log.unexpected]
    found += [f"failed without an outage: server {server}, {what}" for server, what in log.beyond_outages()]
    reports = Report.objects.select_related("measure")
    stand = Counter(report.measure.code for report in reports if report.status == "submitted")
    for code in addresses:
        if log.acknowledged.get(code) != 1 or stand[code] != 1:
            found.append(f"{code}: acknowledged {log.acknowledged.get(code)}, in the database {stand[code]}")
    if len(reports) != len(addresses):
        found.append(f"{len(reports)} reports for {len(addresses)} measures")
    found += [
        f"{report.measure.code}: {report.text!r}"
        for report in reports
        if report.text != f"report {report.measure.code}"
    ]
    events = Counter(AuditEvent.objects.filter(action="report.submitted").values_list("target", flat=True))
    found += [f"{target}: handed in {n} times" for target, n in events.items() if n != 1]
    if len(events) != len(addresses):
        found.append(f"the trail tells of {len(events)} reports")
    if not all(state.is_whole for state in chain_states()) or not records_state().is_whole:
        found.append("the audit trail is not whole")
    return found


def wait_for(log, share, addresses, people):
    while len(log.acknowledged) < share * len(addresses) and any(person.is_alive() for person in people):
        time.sleep(0.05)


def main(n_reports=240, n_people=8):
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="courtplan-outage-", dir="/tmp") as home:
        os.chmod(home, 0o755)
        os.mkdir(f"{home}/pg")
        database = Database(f"{home}/pg")
        webs = []
        try:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "courtplan.settings",
                "ENV_FILE": os.devnull,
                "SECRET_KEY": "outage",
                "DATABASE_URL": database.url,
                "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
                "LOG_LEVEL": "CRITICAL",
                "HTTPS": "off",
            }
            cookies, addresses = prepare(n_reports, n_people)
            for number in range(1, N_SERVERS + 1):
                webs.append(Web(number, dict(os.environ)))
            return run(database, webs, cookies, addresses)
        finally:
            for web in webs:
                web.kill()
            database.server.stop()


def run(database, webs, cookies, addresses):
    log, waiting = Log(), queue.Queue()
    for item in addresses.items():
        waiting.put(item)
    people = [
        Person(cookie, waiting, [*webs[n % N_SERVERS :], *webs[: n % N_SERVERS]], log)
        for n, cookie in enumerate(cookies)
    ]
    begin = time.monotonic()
    for person in people:
        person.start()
    wait_for(log, 0.2, addresses, people)
    with log.outage(2):
        webs[1].kill()
        wait_for(log, 0.4, addresses, people)
        webs[1].start()
    for share, mode in ((0.55, "immediate"), (0.75, "fast")):
        wait_for(log, share, addresses, people)
        with log.outage(DATABASE):
            database.restart(mode)
    for person in people:
        person.join()
    seconds = time.monotonic() - begin
    found = problems(log, addresses)
    outages = ", ".join(
        f"{what if what == DATABASE else f'server {what}'} {over - out:.1f} s" for out, over, what in log.outages
    )
    print(f"{len(addresses)} reports by {len(people)} people in {seconds:.0f} s, {log.n_requests} requests")
    print(f"outages: {outages}")
    print(f"requests failed within them: {len(log.failed) - len(log.beyond_outages())}")
    for problem in found:
        print(f"WRONG {problem}")
    print("nothing lost, nothing doubled" if not found else f"{len(found)} problems")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
