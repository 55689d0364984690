"""Who asks in the crawl, what they may be told, and what a request told them and wrote."""

import io
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.db import connection, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from tests.attack.estate import secret

# What a statement begins with that writes nothing; all others do.
READS = re.compile(r"\s*\(?(SELECT|SAVEPOINT|RELEASE|ROLLBACK|EXPLAIN|PRAGMA|SHOW|SET)\b", re.IGNORECASE)
TABLE = re.compile(r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
# When a session was last used is kept in it.
OF_VISITS = {"django_session"}
TRAIL = {"audit_auditevent", "audit_chain"}
# Rows that only some of a court's own people may read, beside what all of them may: the table of docs/architecture.md.
READERS = {
    "draft": {"supporter", "plan_admin", "inspector", "everything"},
    "returned": {"reporter", "reviewer", "plan_admin", "inspector", "everything"},
    "coming": {"leader", "plan_admin", "inspector", "everything"},
    "trail": {"plan_admin", "inspector", "everything"},
    "job": {"plan_admin"},  # who asked for it
}


@contextmanager
def watched_writes():
    """The statements that write, in a list that fills while they are executed."""
    statements = []

    def watch(execute, sql, params, many, context):
        if not READS.match(sql):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield statements


def words_of(estate, reader=None):
    """The words by which what is the estate's is known: all, or those that this one of its people may be told."""
    return {estate.word, *(secret(estate, of) for of, readers in READERS.items() if reader in {None, *readers})}


@dataclass(frozen=True)
class Told:
    """What came of one request: the answer's status, the address it leads on to, the words that it bears, the tables that
    were written to, and the events that were recorded."""

    status: int
    on_to: str
    words: set
    written: set
    events: list


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks, of a court or (None) of none, and the words that they may be told."""

    name: str
    estate: object
    may_read: set
    all_words: set
    client: Client = field(repr=False)

    @classmethod
    def of(cls, name, *, person, estate, may_read, all_words, checks_token=False):
        client = Client(raise_request_exception=False, enforce_csrf_checks=checks_token)
        if person is not None:
            client.force_login(User.objects.get(pk=person.pk))
        return cls(name, estate, may_read, all_words, client)

    def get(self, path):
        return self.ask("get", path)

    def head(self, path):
        return self.ask("head", path)

    def post(self, path, data=None, **more):
        return self.ask("post", path, data, **more)

    def ask(self, method, path, data=None, **more):
        """Send a request, and take back what it did."""
        with transaction.atomic():
            with watched_writes() as statements:
                response = getattr(self.client, method)(path, data, **more)
                text = _text_of(response)
            written = [table_of(sql) for sql in statements]
            answer = Told(
                status=response.status_code,
                on_to=response.headers.get("Location", ""),
                words={word for word in self.all_words if word in text},
                written=set(written) - OF_VISITS,
                events=_last_events(written.count("audit_auditevent")),
            )
            transaction.set_rollback(True)
        return answer


def table_of(sql):
    found = TABLE.match(sql)
    return found[1] if found else sql[:80]


def _last_events(n):
    """What the last so many events say was done."""
    return list(AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[:n]) if n else []


def _text_of(response):
    """All that an answer says, in its head, its body and the parts of a packed file."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return unquote(str(response.headers)) + content.decode("utf-8", "replace")
