"""Every address, asked by everybody: nobody is told of another court, asking writes nothing, nothing breaks.

The addresses come from the resolver, so that a new one without samples fails here until somebody has thought of it.
"""

import io
import logging
import re
import zipfile
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from tests.attack.addresses import ODD, addresses, questions, samples
from tests.attack.estate import NOW, draft_word, furnish
from tests.factories import UserFactory
from tests.test_rights import rows

WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"?(\w+)", re.IGNORECASE)
# What is kept about a visit, not about anything that is on record.
OF_VISITS = {"django_session"}
# That a leader's word was read is on record by design: it is what the page is for.
READING_IS_TOLD = {
    "oversight:instruction": {"oversight_receipt", "audit_auditevent", "audit_chain"},
}
# A court's own row says who supervises it.
NAMES_OF_OTHERS = {f"admin:accounts_court_{page}": {"zqxj-cesar"} for page in ("changelist", "change")}
# Where those who have no business in the back office are tried there: it is one door for all of it.
OUTSIDE = {
    "admin:index",
    "admin:app_list",
    "admin:autocomplete",
    "admin:plans_measure_changelist",
    "admin:plans_measure_change",
}
OPEN = {"core:healthz", "core:readyz", "accounts:login", "admin:login", "set_language", ":", "admin:jsi18n"}


@pytest.fixture(autouse=True)
def unlogged():
    """Thousands of refusals are expected, and nobody is to read of each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def courts(db, settings, tmp_path):
    """Three courts with one of everything: our own, the one above it, and one that has nothing to do with either."""
    settings.EVIDENCE_DIR, settings.PAPER_MAKER = tmp_path / "evidence", "service"
    call_command("loaddata", "roles", verbosity=0)
    with time_machine.travel(NOW, tick=False):
        above = furnish(slug="above", word="zqxj-cesar")
        own = furnish(slug="kfq", word="zqxj-alfa", parent=above.court)
        other = furnish(slug="other", word="zqxj-bravo")
        yield own, above, other


@pytest.fixture
def everybody(courts):
    """Who asks, with the words that they may be shown."""
    own, above, other = courts
    theirs = {own.word}
    drafts = {draft_word(own)}
    sees = {
        "reporter": theirs,
        "reviewer": theirs,
        "supporter": theirs | drafts,
        "leader": theirs,
        "plan_admin": theirs | drafts,
        "inspector": theirs | drafts,
        "colleague": theirs,
        "nobody": theirs,
    }
    asking = [(name, own.people[name], words) for name, words in sees.items()]
    asking += [
        ("above", above.people["everything"], {above.word, draft_word(above), own.word}),
        ("outsider", other.people["everything"], {other.word, draft_word(other)}),
        ("stranger", None, set()),
    ]
    return asking


def words_of(courts):
    return {word for estate in courts for word in (estate.word, draft_word(estate))}


@contextmanager
def writes():
    """The tables that are written to meanwhile."""
    tables = set()

    def watch(execute, sql, params, many, context):
        if found := WRITES.match(sql):
            tables.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables
    tables -= OF_VISITS


def sign_in(client, person):
    client.logout()
    if person is not None:
        client.force_login(User.objects.get(pk=person.pk))


def text_of(response):
    """All that an answer says, in its head, its body and the parts of a packed file."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    heads = unquote(str(response.headers))
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return heads + content.decode("utf-8", "replace")


def told(response, words):
    text = text_of(response)
    return {word for word in words if word in text}


def asked_of(address, estate, *, is_own):
    """The paths of an address that lead to the estate's own, with the other questions it answers; one of another's."""
    for values in samples(address, estate) if is_own else samples(address, estate)[:1]:
        path = address.at(values)
        yield path
        for question in questions(address):
            yield f"{path}?{question}"


def record_without_visits():
    """What is on record; when people last signed in is not."""
    told_of = rows()
    for one in told_of["accounts.User"]:
        one.pop("last_login")
    return told_of


def test_every_address_has_samples(courts):
    own = courts[0]
    unknown = []
    for address in addresses():
        try:
            found = samples(address, own)
        except (KeyError, AttributeError):
            unknown.append(address)
            continue
        assert found, address
        for values in found:
            address.at(values)

    assert unknown == []


def test_nobody_is_told_of_another_court_and_asking_writes_nothing(client, courts, everybody):
    client.raise_request_exception = False
    all_words = words_of(courts)
    before = record_without_visits()
    wrong, n_asked, n_shown = [], 0, 0
    seen = dict.fromkeys(all_words, 0)
    for name, person, may_see in everybody:
        sign_in(client, person)
        for address in addresses():
            if address.name in ("accounts:logout", "admin:logout"):
                continue
            if address.name.startswith("admin:") and not (person and person.is_staff) and address.name not in OUTSIDE:
                continue
            of = person.court if person else None
            for path in dict.fromkeys(
                path for estate in courts for path in asked_of(address, estate, is_own=estate.court == of)
            ):
                with writes() as written:
                    response = client.get(path)
                    leaked = told(response, all_words)
                n_asked += 1
                n_shown += response.status_code == 200
                for word in leaked:
                    seen[word] += 1
                leaked -= may_see | NAMES_OF_OTHERS.get(address.name, set())
                written -= READING_IS_TOLD.get(address.name, set())
                if person is None and address.name not in OPEN and response.status_code == 200:
                    wrong.append((name, path, "open to strangers"))
                if leaked or written or response.status_code >= 500:
                    wrong.append((name, path, response.status_code, leaked, written))

    assert wrong == []
    # The crawl has seen what it looks for: else it would find nothing for want of looking.
    assert n_shown > n_asked / 10
    assert min(seen.values()) > 3
    after = record_without_visits()
    receipts = after.pop("oversight.Receipt")
    assert len(receipts) == len(before.pop("oversight.Receipt")) + len({one["by_id"] for one in receipts})
    assert after == before


def _mixed(address, own, others):
    """Addresses of our own court with what belongs to others, or to nobody, in their other holes."""
    theirs = [values for estate in others for values in samples(address, estate)]
    for values in samples(address, own)[:2]:
        for hole in address.holes:
            if hole in ("year", "form", "kind", "move", "table", "app_label"):
                continue
            for other in dict.fromkeys(str(one[hole]) for one in theirs if one[hole] != values[hole]):
                yield address.at(values | {hole: other})


def test_anothers_number_in_ones_own_address_leads_nowhere(client, courts, everybody):
    """What is not there and what is somebody else's are answered alike, so that the answer says nothing either."""
    client.raise_request_exception = False
    own, above, other = courts
    all_words = words_of(courts)
    wrong = []
    for name, person, may_see in everybody:
        if name in ("above", "stranger"):
            continue
        sign_in(client, person)
        mine, others = (other, [own, above]) if name == "outsider" else (own, [above, other])
        for address in addresses():
            if not address.holes or address.name == "admin:":
                continue
            if address.name.startswith("admin:") and not person.is_staff:
                continue
            for path in dict.fromkeys(_mixed(address, mine, others)):
                with writes() as written:
                    response = client.get(path)
                if written or response.status_code >= 500 or told(response, all_words) - may_see:
                    wrong.append((name, path, response.status_code, written))
            for estate in others:
                for values in samples(address, estate)[:2]:
                    theirs = client.get(address.at(values)).status_code
                    nowhere = values | {"court": "nowhere"} if "court" in values else dict.fromkeys(values, 987_654_321)
                    if "app_label" not in values and theirs != client.get(address.at(nowhere)).status_code:
                        wrong.append((name, address.at(values), theirs))

    assert wrong == []


def test_odd_values_in_addresses_break_nothing(client, courts):
    client.raise_request_exception = False
    own = courts[0]
    sign_in(client, UserFactory(court=own.court, is_superuser=True, is_staff=True))
    wrong = []
    for address in addresses():
        if not address.holes or (address.name.startswith("admin:") and "measure" not in address.route):
            continue
        values = samples(address, own)[0]
        for hole in address.holes:
            for odd in ODD:
                path = address.at(values | {hole: odd})
                for response in (client.get(path), client.post(path)):
                    if response.status_code >= 500:
                        wrong.append((path[:120], response.status_code))
                    if response.status_code == 405:
                        break

    assert wrong == []


QUERIES = (
    "on",
    "known",
    "page",
    "p",
    "q",
    "window",
    "with",
    "of",
    "against",
    "format",
    "sort",
    "kind",
    "what",
    "who",
    "since",
)
ODD_ANSWERS = ("%00", "%ff", "9" * 5000, "-1", "NaN", "0001-01-01", "9999-12-31")


def test_odd_questions_break_nothing(client, courts):
    client.raise_request_exception = False
    own = courts[0]
    sign_in(client, own.people["everything"])
    wrong = []
    for address in addresses():
        if address.name.startswith("admin:"):
            continue  # its lists are asked in test_fuzz.py
        values = samples(address, own)[0]
        for odd in ODD_ANSWERS:
            asked = "&".join(f"{name}={odd}" for name in QUERIES)
            path = f"{address.at(values)}?{asked}"
            if client.get(path).status_code >= 500:
                wrong.append(path[:160])

    assert wrong == []


# What is filled in where a form is sent to somebody else's address: all fields that there are, with something that fits.
FILLED = {
    "act": "submit",
    "answer_by": "2025-07-20",
    "confirmed": "1",
    "declared": "normal",
    "file": "",
    "finished_on": "2025-06-20",
    "form": "xlsx",
    "measures": "1.1",
    "new_due": "2026-03-31",
    "percent": "60",
    "progress": "六成",
    "reason": "理由",
    "result": "完成",
    "revision": "1",
    "targets": "kept",
    "text": "说明",
    "window": "2025-06-30",
}
# Pages whose forms change nothing but the visitor's own: signing in and out, language.
OF_ONESELF = {
    "accounts:login",
    "accounts:logout",
    "admin:logout",
    "set_language",
    "accounts:password",
    "admin:password_change",
}


def test_forms_sent_to_anothers_address_write_nothing(client, courts, everybody):
    client.raise_request_exception = False
    own, above, other = courts
    # Beside what every refusal leaves: the event that says so.
    refusals = {"audit_auditevent", "audit_chain"}
    wrong, n_sent = [], 0
    before = record_without_visits()
    for name, person, _may_see in everybody:
        sign_in(client, person)
        mine = {"outsider": [other], "stranger": []}.get(name, [own])
        if name == "above":
            mine = [above]
        others = [estate for estate in courts if estate not in mine]
        for address in addresses():
            if address.name in OF_ONESELF or (not address.holes and person is not None):
                continue
            if address.name.startswith("admin:") and not (person and person.is_staff) and address.name not in OUTSIDE:
                continue
            paths = [address.at(values) for estate in others for values in samples(address, estate)[:2]]
            if mine and address.holes:
                paths += _mixed(address, mine[0], others)
            for path in dict.fromkeys(paths):
                with writes() as written:
                    response = client.post(path, _filled(others[0]))
                n_sent += 1
                if response.status_code == 405:
                    break
                if written - refusals or response.status_code >= 500 or (response.status_code == 200 and person):
                    wrong.append((name, path, response.status_code, written))

    after = record_without_visits()
    changed = {label for label in before if before[label] != after[label]}
    assert (wrong, changed) == ([], set())
    assert n_sent > 500


def _filled(estate):
    rows = estate.rows
    return FILLED | {
        "department": rows.lead.pk,
        "report": f"{rows.submitted.pk}:{rows.submitted.revision}",
        "key": rows.instruction.key,
        "set": "1",
    }
