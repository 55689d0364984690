#!/usr/bin/env python3
"""Signs in, reads and writes as people do, and measures the server that does it, beside three ceilings.

    DATABASE_URL=postgres://… .venv/bin/python benchmarks/load.py [--requests 200] [--json FILE] [--only dashboard …]

The database is one that `benchmarks/courts.py` filled. The server is the one of bin/run, on a port of its own. Its CPU is what its workers spent (user and system time in /proc), a PostgreSQL server's own stands beside it.
Ceilings: a view that does nothing, one that reads session and user, one that also writes 36 rows of the database in a
plain template; all with the product's settings and Django's own default middleware. `fresh` pages are built after an
act; `again` pages were built before and nothing has changed, `304` are asked for by a browser that has them. An act is played by raising the court's revision before each request.

Goals are judged by rounds in which pages and ceilings take turns. At the end eight people write at once on the measures
of one pillar: nobody may be refused, nothing may be lost.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent))
from courts import PASSWORD, ROOT, setup

TICK = os.sysconf("SC_CLK_TCK")
BROWSER = {
    "Accept-Language": "zh-CN",
    "Accept-Encoding": "gzip",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
WRITERS, SAVINGS = 8, 10
LAST = threading.local()  # how long each thread's last answer took


# The server


class Server:
    """The server of bin/run."""

    def __init__(self, port, workers):
        self.port = port
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.served.settings", "DEBUG": "off", "ENV_FILE": os.devnull, "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"],
            cwd=ROOT,
            env=self.environment,
            check=True,
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "courtplan.serve"],
            cwd=ROOT,
            env=self.environment | {"LISTEN": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers)},
        )
        self._wait()

    def _wait(self):
        for _try in range(100):
            try:
                Browser(self.port).get("/login/")
                return
            except OSError:
                time.sleep(0.2)
        sys.exit("the server does not answer")

    def workers(self):
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def cpu(self):
        return sum(_cpu_of(pid) for pid in self.workers())

    def cpu_finely(self):
        return sum(_finely(pid) for pid in self.workers())

    def memory(self):
        """Megabytes, what the workers share counted once."""
        pages = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.workers()]
        return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in pages) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def _finely(pid):
    """Seconds of user and system time of the threads there are, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _cpu_of(pid):
    """Seconds of user and system time, of threads that have ended, too, in hundredths."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


class Database:
    """What the database server spends: nothing of its own for SQLite, which works inside the web server's processes."""

    def __init__(self, connection):
        self.main = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW data_directory")
                pid_file = Path(cursor.fetchone()[0]) / "postmaster.pid"
            if os.access(pid_file, os.R_OK):
                self.main = pid_file.read_text().split()[0]

    def cpu(self):
        if self.main is None:
            return 0.0
        children = Path(f"/proc/{self.main}/task/{self.main}/children").read_text().split()
        gone = Path(f"/proc/{self.main}/stat").read_text().rpartition(")")[2].split()
        return sum(_cpu_of(pid) for pid in children) + (int(gone[13]) + int(gone[14])) / TICK


# The people


class Browser:
    """One person's browser: a connection that stays open, and cookies."""

    def __init__(self, port, cookies=None):
        self.port, self.cookies = port, dict(cookies or {})
        self.line = None

    def _ask(self, method, path, body=None, headers=()):
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.line.request(method, path, body, {**BROWSER, "Cookie": cookie, **dict(headers)})
        answer = self.line.getresponse()
        answer.body = answer.read()
        return answer

    def ask(self, method, path, body=None, headers=()):
        begun = time.perf_counter()
        try:
            answer = self._ask(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.line = None  # the server had closed a line that was idle
            answer = self._ask(method, path, body, headers)
        LAST.took = time.perf_counter() - begun
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if answer.will_close:
            self.line = None
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}.items())

    def post(self, path, data):
        data = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **data}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"http://127.0.0.1:{self.port}{path}",
        }
        return self.ask("POST", path, urlencode(data), headers.items())

    def sign_in(self, username):
        self.get("/login/")
        answer = self.post("/login/", {"username": username, "password": PASSWORD})
        if answer.status != 302:
            sys.exit(f"{username} can't sign in: {answer.status}")
        self.get("/my-work/")
        return self


class People:
    """Everybody who takes part, signed in once through the real page."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def browser(self, username):
        if username not in self.cookies:
            self.cookies[username] = Browser(self.port).sign_in(username).cookies
        return Browser(self.port, self.cookies[username])


# Measuring


class Row(dict):
    """One line of the table."""


def measured(server, database, name, work, jobs, *, n_threads, queries=None):
    """Do all jobs with so many at once; `work(job)` returns whether the answer was right."""
    from django.db import connection

    jobs, lock, times, wrong = iter(jobs), threading.Lock(), [], []
    gate = threading.Barrier(n_threads + 1)

    def send_requests(number):
        mine = work(number)
        gate.wait()
        gate.wait()
        while True:
            with lock:
                job = next(jobs, None)
            if job is None:
                break
            right = mine(job)
            times.append(LAST.took)
            if right is not True:
                wrong.append(right)
        connection.close()  # each thread has its own, and none comes back to it

    threads = [threading.Thread(target=send_requests, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    gate.wait()
    before, of_database, begun = server.cpu(), database.cpu(), time.perf_counter()
    gate.wait()
    for thread in threads:
        thread.join()
    whole, spent, theirs = time.perf_counter() - begun, server.cpu() - before, database.cpu() - of_database
    if wrong:
        print(f"  {name}: {len(wrong)} wrong answers, such as {wrong[0]}", flush=True)
    times.sort()
    at = lambda share: 1000 * times[min(len(times) - 1, int(len(times) * share))]  # noqa: E731
    row = Row(
        name=name, at_once=n_threads, n=len(times), p50=at(0.5), p95=at(0.95), p99=at(0.99), per_second=len(times) / whole,
        cpu=1000 * spent / len(times), database=1000 * theirs / len(times), queries=queries, memory=server.memory(), wrong=len(wrong),
    )  # fmt: skip
    print(_line(row), flush=True)
    return row


HEAD = f"{'page':30} {'at once':>7} {'n':>5} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'req/s':>7} {'CPU ms':>7} {'DB ms':>6} {'queries':>7} {'MB':>5}"


def _line(row):
    return (
        f"{row['name']:30} {row['at_once']:>7} {row['n']:>5} {row['p50']:>8.1f} {row['p95']:>8.1f} {row['p99']:>8.1f} {row['per_second']:>7.1f} "
        f"{row['cpu']:>7.2f} {row['database']:>6.2f} {row['queries'] if row['queries'] is not None else '':>7} {row['memory']:>5.0f}"
    )


class Fresh:
    """Marks that make an address one that nobody asked for before."""

    marks = count(int(time.time()))

    def __call__(self, path):
        return f"{path}{'&' if '?' in path else '?'}n={next(self.marks)}"


fresh = Fresh()


def act(court):
    """As if somebody had just done something in the court: what was built before holds no longer."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_chain SET revision = revision + 1 WHERE court = %s", [court])


def pages(court, year, measure, indicator, department):
    """(name, role, path, how it is asked for)"""
    base = f"/{court}/{year}/"
    return [
        ("ceiling: nothing", "leader-1", "/ceilings/nothing/", "again"),
        ("ceiling: session and user", "leader-1", "/ceilings/session-and-user/", "again"),
        ("ceiling: 36 rows", "leader-1", f"/ceilings/rows/{court}/", "again"),
        ("dashboard, fresh", "leader-1", base, "fresh"),
        ("dashboard, again", "leader-1", base, "again"),
        ("dashboard, 304", "leader-1", base, "304"),
        ("measures, fresh", "leader-1", f"{base}measures/", "fresh"),
        ("measures, again", "leader-1", f"{base}measures/", "again"),
        ("measures, 304", "leader-1", f"{base}measures/", "304"),
        ("measure, fresh", "leader-1", f"{base}measures/{measure}/", "fresh"),
        ("measure, again", "leader-1", f"{base}measures/{measure}/", "again"),
        ("indicators, fresh", "leader-1", f"{base}indicators/", "fresh"),
        ("indicators, again", "leader-1", f"{base}indicators/", "again"),
        ("indicator, fresh", "leader-1", f"{base}indicators/{indicator}/", "fresh"),
        ("year, fresh", "leader-1", f"{base}year/", "fresh"),
        ("timeline", "leader-1", f"{base}measures/{measure}/timeline/", "fresh"),
        ("my work, reporter", f"reporter-{department}", "/my-work/", "fresh"),
        ("my work, leader", "leader-1", "/my-work/", "fresh"),
        ("my work, plan admin", "plan_admin-1", "/my-work/", "fresh"),
        ("report form", f"reporter-{department}", f"{base}measures/{measure}/report/", "fresh"),
        ("reviews", f"reviewer-{department}", "/reviews/", "fresh"),
        ("search", "leader-1", f"{base}search/?q=%E5%AE%A1%E5%88%A4", "fresh"),
        ("office", "plan_admin-1", f"{base}office/", "fresh"),
        ("papers", "leader-1", f"{base}reports/", "fresh"),
        ("audit trail", "inspector-1", "/audit/", "fresh"),
    ]


def warm_up(people, target):
    """Every page some times over lines of their own, so that no worker is measured while it reads its templates."""
    for _name, role, path, _how in pages("c1", *target):
        for _time in range(12):
            people.browser(f"c1-{role}").get(path)


def read_pages(server, database, people, options, n_courts, target):
    rows = []
    warm_up(people, target)
    year, measure, indicator, department = target
    names = [page[0] for page in pages("c1", year, measure, indicator, department)]
    for index, name in enumerate(names):
        if options.only and not name.startswith(("ceiling", *options.only)):
            continue
        for n_threads in options.at_once:
            people_of = [1 + (number * 109) % n_courts for number in range(n_threads)]
            first = pages(f"c{people_of[0]}", *target)[index]
            if first[3] == "fresh":
                people.browser(f"c{people_of[0]}-{first[1]}").get(fresh(first[2]))
                act(f"c{people_of[0]}")
            counted = people.browser(f"c{people_of[0]}-{first[1]}").get(fresh(first[2]), X_Count_Queries="1")

            def work(number, people_of=people_of, index=index):
                court = f"c{people_of[number]}"
                _name, role, path, how = pages(court, *target)[index]
                browser = people.browser(f"{court}-{role}")
                for _time in range(3):
                    response = browser.get(fresh(path) if how == "fresh" else path)
                mark = response.getheader("ETag")

                def get(_job):
                    match how:
                        case "fresh":
                            act(court)
                            return browser.get(fresh(path)).status == 200 or "not 200"
                        case "again":
                            return browser.get(path).status == 200 or "not 200"
                        case _:
                            return browser.get(path, If_None_Match=mark).status == 304 or "not 304"

                return get

            n = options.requests * (4 if "again" in first[3] or first[3] == "304" else 1)
            queries = int(counted.getheader("X-Queries")) if first[3] == "fresh" or name.startswith("ceiling") else None
            rows.append(measured(server, database, name, work, range(n), n_threads=n_threads, queries=queries))
    return rows


# What the goals are about


ROUNDS, A_ROUND = 7, 60


def compared(server, people, target):
    """The pages that a goal speaks of and their ceilings, turn and turn about: what else the machine does meanwhile
    weighs on all of them. Server CPU in milliseconds of each, by round."""
    wanted = {name for goal in GOALS for name in (goal[0], f"ceiling: {goal[2]}")}
    in_turn = [page for page in pages("c1", *target) if page[0] in wanted]
    browsers = {role: people.browser(f"c1-{role}") for _name, role, _path, _how in in_turn}
    costs = {name: [] for name, _role, _path, _how in in_turn}
    for _round in range(ROUNDS):
        for name, role, path, how in in_turn:
            browser = browsers[role]
            mark = [browser.get(path) for _time in range(6)][-1].getheader("ETag")
            spent = 0
            for _one in range(A_ROUND):
                if how == "fresh":
                    act("c1")
                before = server.cpu_finely()
                answer = browser.get(fresh(path)) if how == "fresh" else browser.get(path, **_having(mark, how))
                spent += server.cpu_finely() - before
                if answer.status != (304 if how == "304" else 200):
                    sys.exit(f"{name}: {answer.status}")
            costs[name].append(1000 * spent / A_ROUND)
    return costs


def _having(mark, how):
    return {"If_None_Match": mark} if how == "304" else {}


# A report, handed in and approved


class Fields(HTMLParser):
    """What stands in a page's form."""

    def __init__(self, page):
        super().__init__()
        self.found = {}
        self.feed(page.decode())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "input" and values.get("name") and values.get("type") in ("text", "hidden", "date", "number", None):
            self.found[values["name"]] = values.get("value") or ""


def filled_in(browser, path, text):
    """The report form as a person sends it: words, a percent and every figure it asks for."""
    form = Fields(browser.get(path).body).found
    data = {name: value for name, value in form.items() if name.startswith("reading-") or name == "revision"}
    for name in data:
        if name.endswith(("-value", "-numerator")):
            data[name] = "64"
        elif name.endswith("-denominator"):
            data[name] = "80"
    return {**data, "text": text, "percent": "88", "declared": "normal", "next_steps": "按计划推进。"}


def write_reports(server, database, people, options, year):
    """Each measure's report of the running month, handed in, approved and taken back, as often as it takes."""
    from apps.plans.models import Measure

    measures = list(
        Measure.objects.filter(plan__court__slug="c1", plan__year=year).select_related("lead").order_by("pk")
    )
    month = datetime.now(UTC).date().replace(day=28)
    window = f"?window={_last_day(month)}"
    rows = []
    for n_threads in options.at_once:
        n_rounds = max(1, round(options.requests / len(measures)))
        jobs = {"submit": [], "approve": []}
        totals = {"submit": [], "approve": []}
        for turn in range(n_rounds):
            ready = []
            for measure in measures:
                reporter = f"c1-reporter-{measure.lead.order}"
                path = f"/c1/{year}/measures/{measure.code}/report/{window}"
                ready.append(
                    (
                        measure,
                        reporter,
                        path,
                        filled_in(people.browser(reporter), path, f"第{turn}轮，{n_threads}人同时填报。"),
                    )
                )
            reports = {}
            jobs["submit"] = ready

            def submits(_number, reports=reports):
                browsers = {}

                def submit(job):
                    measure, reporter, path, data = job
                    browser = browsers.setdefault(reporter, people.browser(reporter))
                    answer = browser.post(path, {**data, "act": "submit"})
                    reports[measure.pk] = answer.getheader("Location") or ""
                    return "/reports/" in reports[measure.pk] or f"{answer.status} {reports[measure.pk]}"

                return submit

            for measure in measures:
                people.browser(f"c1-reviewer-{measure.lead.order}")
            totals["submit"].append(measured(server, database, "report: submit", submits, ready, n_threads=n_threads))
            totals["submit"][-1]["beside"] = totals["submit"][-1]["cpu"] / rows_meanwhile(server, people)

            def approvals(_number, reports=reports):
                browsers = {}

                def approve(reported_measure):
                    reviewer = f"c1-reviewer-{reported_measure.lead.order}"
                    browser = browsers.setdefault(reviewer, people.browser(reviewer))
                    answer = browser.post(f"{reports[reported_measure.pk]}approve/", {})
                    return (
                        answer.getheader("Location") == "/reviews/" or f"{answer.status} {answer.getheader('Location')}"
                    )

                return approve

            totals["approve"].append(
                measured(server, database, "report: approve", approvals, measures, n_threads=n_threads)
            )
            office = people.browser("c1-plan_admin-1")
            for measure in measures:
                office.post(f"{reports[measure.pk]}withdraw/", {"reason": "基准测试"})
        rows += [_together(totals[name]) for name in ("submit", "approve")]
    return rows


def rows_meanwhile(server, people):
    """What a page of 36 rows costs just now, in milliseconds."""
    browser = people.browser("c1-leader-1")
    before = server.cpu_finely()
    for _one in range(36):
        browser.get("/ceilings/rows/c1/")
    return 1000 * (server.cpu_finely() - before) / 36


def _together(parts):
    """Several rounds as one line: counts added, figures weighted by them."""
    n = sum(part["n"] for part in parts)
    mean = lambda key: sum(part[key] * part["n"] for part in parts) / n  # noqa: E731
    return Row(parts[0]) | {
        "n": n, "wrong": sum(part["wrong"] for part in parts), "memory": parts[-1]["memory"],
        **({"beside": median(part["beside"] for part in parts)} if "beside" in parts[0] else {}),
        **{key: mean(key) for key in ("p50", "p95", "p99", "per_second", "cpu", "database")},
    }  # fmt: skip


def _last_day(day):
    from calendar import monthrange

    return day.replace(day=monthrange(day.year, day.month)[1])


def write_at_once(people, year):
    """Eight people, one pillar, each saving again and again and then handing in. What stands afterwards?"""
    from django.db.models import Count

    from apps.plans.models import Measure, Pillar
    from apps.reporting.models import Report

    pillar = (
        Pillar.objects.filter(plan__court__slug="c1", plan__year=year)
        .annotate(n=Count("measures"))
        .order_by("-n")
        .first()
    )
    window = _last_day(datetime.now(UTC).date().replace(day=28))
    writers = []
    for measure in Measure.objects.filter(pillar=pillar).select_related("lead").prefetch_related("support"):
        writers += [(measure, measure.lead), *((measure, department) for department in measure.support.all())]
    writers = sorted(writers, key=lambda writer: writer[1].pk != writer[0].lead_id)[:WRITERS]
    refused, lost, gate = [], [], threading.Barrier(len(writers))

    def write(measure, department):
        browser = people.browser(f"c1-reporter-{department.order}")
        path = f"/c1/{year}/measures/{measure.code}/report/?window={window}"
        data = filled_in(browser, path, "")
        gate.wait()
        for turn in range(SAVINGS):
            answer = browser.post(path, {**data, "text": f"{measure.code} {department} {turn}", "act": "autosave"})
            reply = json.loads(answer.body) if answer.status == 200 else {}
            if "revision" not in reply:
                refused.append((measure.code, turn, answer.status, reply))
                return
            data["revision"] = reply["revision"]
        answer = browser.post(path, {**data, "text": f"{measure.code} {department} handed in", "act": "submit"})
        if "/reports/" not in (answer.getheader("Location") or ""):
            refused.append((measure.code, "submit", answer.status))

    for _measure, department in writers:
        people.browser(f"c1-reporter-{department.order}")
    threads = [threading.Thread(target=write, args=writer) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for measure, department in writers:
        report = Report.objects.get(measure=measure, department=department, window_end=window)
        if (report.status, report.text) != ("submitted", f"{measure.code} {department} handed in"):
            lost.append((measure.code, str(department), report.status, report.text))
        if report.status == "submitted":  # so that the next run finds it open
            people.browser(f"c1-reporter-{department.order}").post(f"{report.get_absolute_url()}recall/", {})
    n = len(writers) * (SAVINGS + 1)
    print(
        f"\n{len(writers)} people writing at once in one pillar, {n} writings: {len(refused)} refused, {len(lost)} lost",
        flush=True,
    )
    for problem in [*refused, *lost][:3]:
        print(f"  {problem}")
    return {"writers": len(writers), "writings": n, "refused": len(refused), "lost": len(lost)}


# Together


MAX_QUERIES = 25
GOALS = (
    ("dashboard, fresh", 6, "36 rows"),
    ("measures, fresh", 6, "36 rows"),
    ("dashboard, again", 1.6, "session and user"),
    ("measures, again", 1.6, "session and user"),
    ("dashboard, 304", 1.3, "session and user"),
    ("measures, 304", 1.3, "session and user"),
    ("report: submit", 5, "36 rows"),
)


def goals(rows, costs):
    """Each goal with what was measured: server CPU a request, one at a time, the middle of all rounds."""
    results = []
    for name, most, ceiling in GOALS:
        if name in costs:
            times = median(
                mine / theirs for mine, theirs in zip(costs[name], costs[f"ceiling: {ceiling}"], strict=True)
            )
        elif row := next((row for row in rows if row["name"] == name and row["at_once"] == 1), None):
            times = row["beside"]
        else:
            continue
        results.append(
            {"page": name, "ceiling": ceiling, "at_most": most, "is": round(times, 2), "holds": times <= most}
        )
    many = [
        f"{row['name']}: {row['queries']}"
        for row in rows
        if row["queries"] is not None and row["queries"] > MAX_QUERIES
    ]
    return results, sorted(set(many))


def main(options):
    setup()
    from django.db import connection

    from apps.accounts.models import Court
    from apps.indicators.models import Indicator
    from apps.plans.models import Measure, Plan

    year = Plan.objects.filter(court__slug="c1").order_by("-year").values_list("year", flat=True)[0]
    indicator = (
        Indicator.objects.filter(plan__court__slug="c1", plan__year=year, cadence="monthly").order_by("pk").first()
    )
    measure = Measure.objects.select_related("lead").get(pk=indicator.measure_id)
    n_courts = Court.objects.count()
    database = Database(connection)
    connection.close()
    server = Server(options.port, options.workers)
    people = People(options.port)
    try:
        print(f"{connection.vendor}, {n_courts} courts\n{HEAD}", flush=True)
        rows = read_pages(
            server, database, people, options, n_courts, (year, measure.code, indicator.code, measure.lead.order)
        )
        costs = compared(server, people, (year, measure.code, indicator.code, measure.lead.order))
        writing = {}
        if not options.only or "report" in options.only:
            rows += write_reports(server, database, people, options, year)
            writing = write_at_once(people, year)
    finally:
        server.stop()
    results, many = goals(rows, costs)
    print(f"\n{'page':20} {'ceiling':18} {'at most':>8} {'is':>6}")
    for goal in results:
        print(
            f"{goal['page']:20} {goal['ceiling']:18} {goal['at_most']:>7}× {goal['is']:>5}×  {'' if goal['holds'] else 'missed'}"
        )
    print(f"over {MAX_QUERIES} queries: " + ("; ".join(many) or "none"))
    if options.json:
        found = {
            "database": connection.vendor,
            "courts": n_courts,
            "rows": rows,
            "goals": results,
            "over_20_queries": many,
            "writing": writing,
        }
        Path(options.json).write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8111)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--json")
    parser.add_argument("--only", nargs="+")
    main(parser.parse_args())
