"""Every address, asked by everybody: nobody is told of what is not theirs, nothing is written by asking or by whom it is
not for, and nothing breaks.

The addresses come from the resolver, so that a new one without samples fails here until somebody has thought of it.
Outside a full run each of the visitors reads half of the addresses, so that each is read by half of the visitors.
`benchmarks/crawl.py` puts every odd value into every address; here a few go into each.
"""

import logging
import os
from contextlib import contextmanager
from itertools import count, cycle, islice

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from apps.accounts.models import User
from tests.attack.addresses import addresses, path_to, path_to_nothing, paths_into, paths_to, samples
from tests.attack.estate import NOW, furnish
from tests.attack.odd import ODD, bodies, odd_bodies, odd_paths, odd_questions
from tests.attack.visitors import READERS, TRAIL, Visitor, words_of
from tests.extent import EXTENT, FULL
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
# Who reads is on record by design there: a leader wants to know whether the word arrived.
READING_IS_TOLD = {"supervision:instruction": ({"oversight_receipt", *TRAIL}, ["instruction.read"])}
# A court's own row names the court that supervises it.
NAMES_THE_COURT_ABOVE = {"admin:accounts_court_changelist", "admin:accounts_court_change"}
# What strangers are answered: the ways in, and the words of the back office's scripts, which are Django's.
PROBES = {"operations:healthz", "operations:readyz", "operations:metrics"}
OPEN = {"accounts:login", "accounts:logout", "admin:login", "set_language", ":", "admin:jsi18n", *PROBES}
# Signing in and out, one's own password and second factor, one's language: nobody else's matter, with tests of their own
# in tests/signin.
OF_ONESELF = {
    "accounts:login",
    "accounts:logout",
    "signin:verify",
    "signin:set_up",
    "signin:password",
    "signin:sign_out_others",
    "signin:second_factor",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "set_language",
}
# Whoever sees the plan may have a long file made and look at a paper: also from the court above.
FOR_EVERYBODY = {"papers:job_ask", "papers:paper"}
# The offices of a court: pages that are shown to nobody else in it.
KEEPERS = {"plan_admin"}
AUDITORS = {"plan_admin", "inspector"}
OFFICES = {
    "office:": KEEPERS,
    "office:draft": READERS["coming"],
    "office:year_end": None,
    "signin:person": KEEPERS,
    "papers:template": KEEPERS,
    "papers:job": READERS["job"],
    "inspection:": AUDITORS,
    "operations:status": set(),
    "admin:": AUDITORS,
    "admin:auth_group": set(),
    "admin:jsi18n": None,
    "dashboard:gallery": AUDITORS,
    "reporting:write": {"reporter", "reviewer", "supporter"},
    "supervision:instruct_": {"leader"},
    "supervision:ask_": {"reporter", "reviewer"},
}
OWN = ("reporter", "reviewer", "supporter", "leader", "plan_admin", "inspector", "colleague", "nobody")
# Of the department that was instructed in their court.
ADDRESSED = {"reporter", "reviewer", "above", "outsider"}
STAFF = {*AUDITORS, "everything", "above", "outsider"}
VISITORS = (*OWN, "above", "outsider", "stranger", "switched off")
NOBODYS = {"stranger", "switched off"}
SIGN_IN = ("/login/", "/admin/login/")
# Words of the product alone, half a second's work: read by one is read by all.
SAME_FOR_ALL = {"dashboard:rules", "dashboard:gallery"}


@pytest.fixture(scope="module")
def courts(django_db_setup, django_db_blocker, tmp_path_factory):
    """Three courts with one of everything, made once for all: our own, the one above it, and one that has nothing to do
    with either. They are gone with the last test here."""
    settings = override_settings(EVIDENCE_DIR=tmp_path_factory.mktemp("evidence"), GALLERY=True)
    with settings, django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "roles", verbosity=0)
        with time_machine.travel(NOW, tick=False):
            above = furnish(slug="above", word="zqxj-cesar")
            own = furnish(slug="kfq", word="zqxj-alfa", parent=above.court)
            other = furnish(slug="other", word="zqxj-bravo")
        yield own, above, other
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def on_that_day(courts):
    """At a moment when all is as it was made; and of the thousands of refusals that are expected nobody is to read."""
    logging.disable(logging.CRITICAL)
    with time_machine.travel(NOW, tick=False):
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def visitors(courts):
    own, above, other = courts
    all_words = set().union(*map(words_of, courts))

    def visitor(name, person, estate, *, may_read):
        return Visitor.of(name, person=person, estate=estate, may_read=may_read, all_words=all_words)

    with time_machine.travel(NOW, tick=False):
        leaver = UserFactory(court=own.court, is_staff=True, is_superuser=True)
        found = [
            *(visitor(name, own.people[name], own, may_read=words_of(own, name)) for name in OWN),
            visitor("above", above.people["everything"], above, may_read={own.word, *words_of(above, "everything")}),
            visitor("outsider", other.people["everything"], other, may_read=words_of(other, "everything")),
            visitor("everything", own.people["everything"], own, may_read=words_of(own, "everything")),
            visitor("stranger", None, None, may_read=set()),
            visitor("switched off", leaver, None, may_read=set()),
        ]
        User.objects.filter(pk=leaver.pk).update(is_active=False)
    return {address.name: address for address in found}


def of_others(visitor, courts):
    return [estate for estate in courts if estate is not visitor.estate]


def is_let_in(visitor, address):
    """Whether they get beyond the door of the back office, which is the same for all that is behind it."""
    return visitor.name in STAFF or not address.is_back_office


def is_for(name, address):
    """Whether a page of their own court is shown to this one of its people, as the longest entry that fits says."""
    fitting = [begin for begin in OFFICES if address.name.startswith(begin)]
    readers = OFFICES[max(fitting, key=len)] if fitting else None
    return readers is None or name in readers


def test_every_address_has_samples(courts):
    unknown = []
    for address in addresses():
        try:
            assert samples(address, courts[0]), address
        except KeyError:
            unknown.append(address)

    assert unknown == []
    assert len(addresses()) > 150


@pytest.mark.parametrize("name", [name for name in VISITORS if name != "nobody"])
def test_everybody_is_told_of_their_own_alone_and_asking_writes_nothing(courts, visitors, name):
    visitor = visitors[name]
    others = cycle(of_others(visitor, courts))
    wrong, heard, noted = [], set(), set()
    for address in addresses() if EXTENT == FULL else addresses()[VISITORS.index(name) % 2 :: 2]:
        if address.name in SAME_FOR_ALL and name not in {"plan_admin", *NOBODYS}:
            continue
        mine = paths_to(address, visitor.estate) if visitor.estate else []
        theirs = [path_to(address, next(others))] if address.leads_to_a_court and is_let_in(visitor, address) else []
        for path in dict.fromkeys(mine + theirs or [path_to(address, courts[0])]):
            response = visitor.get(path)
            tables, events = READING_IS_TOLD.get(address.name, (set(), []))
            may_read = visitor.may_read | (_above(courts) if address.name in NAMES_THE_COURT_ABOVE else set())
            heard |= response.words
            noted |= response.written
            if (
                response.words - may_read
                or response.written - tables
                or set(response.events) - set(events)
                or response.status >= 500
            ):
                wrong.append((path, response))
            if name in OWN and response.status == 200 and not is_for(name, address):
                wrong.append((path, "shown", response.status))
            if name in NOBODYS and address.name not in OPEN and not response.on_to.startswith(SIGN_IN):
                wrong.append((path, "open", response.status))

    assert wrong == []
    # The crawl has come across all that it looks for: else it would find nothing for want of looking.
    if EXTENT == FULL:
        assert heard >= visitor.may_read
        assert bool(noted) == (name in ADDRESSED)
    else:
        assert heard or not visitor.may_read
        assert not noted or name in ADDRESSED


def _above(courts):
    return {courts[1].word}


@pytest.mark.parametrize("name", ["everything", "stranger"])
def test_asking_for_the_head_alone_says_no_more_and_writes_nothing(courts, visitors, name):
    visitor = visitors[name]
    wrong = []
    for address in addresses():
        if address.name in SAME_FOR_ALL:
            continue
        response = visitor.head(path_to(address, courts[0]))
        if response.written or response.words - visitor.may_read or response.status >= 500:
            wrong.append((address, response))

    assert wrong == []


def test_anothers_number_in_ones_own_address_leads_nowhere(courts, visitors):
    """What is somebody else's is answered as what is not there, so that the answer doesn't tell of it either."""
    visitor = visitors["everything"]
    others = cycle(of_others(visitor, courts))
    wrong = []
    for address in addresses():
        if not address.leads_to_a_court:
            continue
        estate = next(others)
        for path in paths_into(address, visitor.estate, estate):
            response = visitor.get(path)
            if response.words - visitor.may_read or response.written or response.status in (200, 500):
                wrong.append((path, response))
        theirs = visitor.get(path_to(address, estate))
        if theirs.status != visitor.get(path_to_nothing(address, estate)).status:
            wrong.append((address, theirs))

    assert wrong == []


@pytest.fixture(scope="module")
def forms(courts, visitors):
    """The addresses that take forms: all but those that answer, before they ask who it is, that they only tell."""
    with time_machine.travel(NOW, tick=False):
        candidates = [address for address in addresses() if address.name not in OF_ONESELF]
        return [
            address for address in candidates if visitors["nobody"].post(path_to(address, courts[0]), {}).status != 405
        ]


@contextmanager
def files_as_they_are(settings):
    before = sorted(settings.EVIDENCE_DIR.rglob("*"))
    yield
    assert sorted(settings.EVIDENCE_DIR.rglob("*")) == before


@pytest.mark.parametrize("name", VISITORS)
def test_form_sent_to_anothers_address_is_refused_and_writes_nothing(courts, visitors, forms, settings, name):
    """Filled in as the page asks, and empty, in turn."""
    visitor = visitors[name]
    others = cycle(of_others(visitor, courts))
    wrong, n_refused = [], 0
    with files_as_they_are(settings):
        for address in forms:
            if not address.leads_to_a_court or (name == "above" and address.name in FOR_EVERYBODY):
                continue
            if not is_let_in(visitor, address):
                continue
            path = path_to(address, next(others))
            response = visitor.post(path, bodies(address, courts[0])[n_refused // 2 % 2])
            n_refused += 1
            if not (is_turned_away(response) if name in NOBODYS else is_refused(response)):
                wrong.append((path, response))

    assert wrong == []
    assert n_refused > 25


def is_turned_away(response):
    """Whether a stranger is led to the sign-in page, or shown it with what they typed; nothing is left."""
    return (response.on_to.startswith(SIGN_IN) or response.status == 200) and not (response.written or response.words)


def is_refused(response):
    """Whether the answer is a refusal that left nothing but its event."""
    if response.status == 302:
        return response.on_to.startswith("/admin/") and not response.written
    return response.status in (403, 404) and response.written <= TRAIL and response.events in ([], ["refused"])


# What they may do all the same: whoever sees the plan has a long file made, which is kept for a day; whoever reads the
# trail takes it along and checks it, which is on record.
MAY_BE_DONE = {
    "papers:job_ask": ({"reports_job", "django_tasks_database_dbtaskresult"}, []),
    "inspection:export": (TRAIL, ["audit.exported"]),
    "inspection:check": (TRAIL, ["audit.checked"]),
}


@pytest.mark.parametrize("name", ["nobody", "inspector"])
def test_form_of_who_changes_nothing_changes_nothing(courts, visitors, forms, settings, name):
    """Refused, or told what the form lacks."""
    visitor, own = visitors[name], courts[0]
    wrong, n_refused = [], 0
    with files_as_they_are(settings):
        for address in forms:
            for body in bodies(address, own):
                path = path_to(address, own)
                response = visitor.post(path, body)
                n_refused += 1
                tables, events = MAY_BE_DONE.get(address.name, (set(), []))
                is_kept = response.written <= tables and response.events == events
                if response.status >= 500 or not (is_refused(response) or is_kept):
                    wrong.append((path, response))

    assert wrong == []
    assert n_refused > 25


def test_form_without_its_token_is_refused(courts):
    own = courts[0]
    person = Visitor.of(
        "everything",
        person=own.people["everything"],
        estate=own,
        may_read=set(),
        all_words=words_of(own),
        checks_token=True,
    )
    let_in = []
    for address in addresses():
        path = path_to(address, own)
        response = person.post(path, bodies(address, own)[0])
        # A report is shown again as it was typed, to be sent again.
        is_shown_again = address.name == "reporting:write" and (response.status, response.on_to) == (302, path)
        # The probes take no form at all, and answer before anybody looks for a token.
        is_probe = address.name in PROBES and response.status == 405
        if response.written or not (response.status == 403 or is_shown_again or is_probe):
            let_in.append((address.name, response))

    assert let_in == []


def test_odd_values_break_nothing(courts, visitors, forms):
    """A few of them for each address, in turn, so that each value turns up in many; all where EVERY_ODD_VALUE is set."""
    visitor, own = visitors["everything"], courts[0]
    n_each = None if os.environ.get("EVERY_ODD_VALUE") else 2
    turn = count(step=5)
    wrong, n_asked = [], 0
    for address in addresses():
        if address.name in OF_ONESELF or (address.is_back_office and "measure" not in address.route):
            continue
        begin = next(turn)
        for path in islice(odd_paths(address, own, begin=begin), n_each):
            wrong += _broken(path, visitor.get(path))
            wrong += _broken(path, visitor.post(path, {})) if address in forms else []
        for question in islice(odd_questions(begin=begin), n_each and 1):
            path = f"{path_to(address, own)}?{question}"
            wrong += _broken(path, visitor.get(path))
        for body in islice(odd_bodies(address, own, begin=begin), n_each and 1) if address in forms else ():
            path = path_to(address, own)
            sent = visitor.post(path, body, content_type="application/x-www-form-urlencoded")
            wrong += _broken(path, sent)
        n_asked += 1

    assert wrong == []
    assert n_asked > 4 * len(ODD)


def _broken(path, response):
    return [(path[:160], response)] if response.status >= 500 else []
