"""Forms and files filled with what nobody means: never a fault, never half an act, and what was typed comes back."""

import copy
import io
import json
import logging
import zipfile
from datetime import date, datetime
from urllib.parse import quote_plus

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils.html import escape
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from openpyxl import Workbook

from apps.accounts.models import User
from apps.audit.selectors import chain_states, records_state
from apps.core.tables import workbook_of
from apps.office.import_registry import TABLES
from apps.office.plan_document import plan_document
from apps.papers.fields import sample
from tests.attack.estate import NOW, furnish
from tests.core.test_uploads import PDF, office
from tests.extent import examples
from tests.test_rights import RolledBack, rows

ODD = (
    "",
    " ",
    "\x00",
    "字\x00字",
    "\ud800",
    "\u202e\u2066右\u2069",
    "\ufeff",
    "𠮷😀",
    "0",
    "-1",
    "1.5",
    "99999999999999999999",
    str(2**31),
    str(2**63 - 1),
    str(2**63),
    "9" * 400,
    "9" * 5000,
    "1" + "0" * 400,
    "0." + "0" * 400 + "1",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1E+999999",
    "1E-999999",
    "0E-999999",
    "1_0",
    "٣",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "2025-02-30",
    "2025-06-20",
    "2025-06-27T10:00",
    "x" * 3000,
    "字\r\n字",
    "=1+1",
    "<script>&\"'",
    "{{ 7 }}{% if %}",
    "%s%n",
    "../../etc",
    "javascript:alert(1)",
    "http://[::1",
    "None",
)
odd = st.one_of(
    st.sampled_from(ODD), st.text(max_size=30), st.integers().map(str), st.dates().map(str), st.floats().map(str)
)
some = settings(
    max_examples=examples(2, 10),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)


@pytest.fixture(autouse=True)
def unlogged():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def furnished_court(django_db_setup, django_db_blocker, tmp_path_factory):
    """Made once for the module; each test works in a transaction on top."""
    evidence = tmp_path_factory.mktemp("evidence")
    changed = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], EVIDENCE_DIR=evidence
    )
    with changed, django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "roles", verbosity=0)
        with time_machine.travel(NOW, tick=False):
            court = furnish(slug="kfq", word="东城", is_planted=False)
        yield court
        transaction.set_rollback(True)


@pytest.fixture
def court(db, furnished_court):
    with time_machine.travel(NOW, tick=False):
        yield copy.deepcopy(furnished_court)  # a test may change the objects, too


@pytest.fixture
def client(client, court):
    """Somebody who may do everything in the court, so that no refusal stands before the forms."""
    client.raise_request_exception = False
    client.force_login(User.objects.get(pk=court.people["everything"].pk))
    return client


def sent(client, path, fields):
    """Send the fields as a browser would; what no browser could send, too."""
    body = "&".join(
        f"{quote_plus(str(name))}={quote_plus(str(value), errors='surrogatepass')}" for name, value in fields
    )
    return client.post(path, body, content_type="application/x-www-form-urlencoded")


def record():
    """What checking the trail and the rows of record finds."""
    records = records_state()
    return (
        [(chain.is_whole, chain.court) for chain in chain_states()],
        records.altered,
        records.missing,
        records.unrecorded,
    )


class Undone:
    """What is done inside is taken back; before, the record has to be as whole as it was."""

    def __init__(self, whole):
        self.whole = whole

    def __enter__(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, kind, error, trace):
        if error is None:
            found = record()
            error = RolledBack()
            self.atomic.__exit__(RolledBack, error, None)
            assert found == self.whole
            return None
        return self.atomic.__exit__(kind, error, trace)


@pytest.fixture
def undone(court):
    whole = record()
    return lambda: Undone(whole)


def forms_of(page):
    """(address, [(name, value)]) of each form on the page that is sent by POST, but for those of every page."""
    found = []
    for form in html.fromstring(page.content).forms:
        if form.method.upper() != "POST" or (form.action or "").startswith(("/logout", "/i18n")):
            continue
        fields = [(name, value or "") for name, value in form.form_values()]
        names = {name for name, _value in fields}
        # Boxes not ticked and lists with nothing chosen are fields, too.
        fields += [(name, "") for name in form.fields if name and name not in names]
        names_of_buttons = form.xpath(".//button[@name]/@name")
        fields += [
            (name, value) for name, value in zip(names_of_buttons, form.xpath(".//button[@name]/@value"), strict=False)
        ]
        found.append((form.action or "", fields))
    return found


def at_plan(name, *more, query=""):
    return lambda court: reverse(name, args=["kfq", 2025, *more]) + query


def at_row(name):
    return lambda court: getattr(court.rows, name).get_absolute_url()


def in_admin(name, row=None):
    return lambda court: reverse(f"admin:{name}", args=[getattr(court.rows, row).pk] if row else [])


FORMS = {
    "report": at_plan("reporting:write", "1.2", query="?window=2025-06-30"),
    "instruction on a measure": at_plan("supervision:instruct_measure", "1.1"),
    "instruction on an indicator": at_plan("supervision:instruct_indicator", "1.1-1"),
    "extension": at_plan("supervision:ask_extension", "1.2"),
    "closing": at_plan("supervision:ask_closing", "1.1"),
    "steps of an instruction": at_row("instruction"),
    "steps of an extension": at_row("extension"),
    "steps of a closing": at_row("closing"),
    "decision on a report": at_row("submitted"),
    "withdrawing an approval": at_row("approved"),
    "reviews": lambda court: "/reviews/",
    "steps of a plan": at_plan("office:home"),
    "next year": at_plan("office:next_year"),
    "leaving": lambda court: f"/office/people/{court.people['leader'].pk}/leaving/",
    "bulletin": at_plan("papers:paper", "bulletin"),
    "paper": at_plan("papers:paper", "ledger"),
    "issue": lambda court: court.rows.issues[0].get_absolute_url(),
    "trail": lambda court: "/audit/",
    "check of the trail": lambda court: "/audit/check/",
    "password": lambda court: "/password/",
    "admin: indicator": in_admin("indicators_indicator_change", "indicator"),
    "admin: new indicator": in_admin("indicators_indicator_add"),
    "admin: measure": in_admin("plans_measure_change", "measure"),
    "admin: plan": in_admin("plans_plan_change", "plan"),
    "admin: draft": in_admin("plans_plan_change", "coming"),
    "admin: person": lambda court: reverse("admin:accounts_user_change", args=[court.people["nobody"].pk]),
    "admin: new person": in_admin("accounts_user_add"),
    "admin: department": in_admin("accounts_department_add"),
    "admin: judgement": in_admin("ledger_judgement_add"),
    "admin: several measures": in_admin("plans_measure_changelist"),
    "admin: several people": in_admin("accounts_user_changelist"),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_filled_with_anything_do_not_fail(client, court, undone, name):
    path = FORMS[name](court)
    forms = forms_of(client.get(path))
    assert forms, path

    @some
    @given(st.data())
    def fill(data):
        action, fields = data.draw(st.sampled_from(forms))
        changed = data.draw(st.dictionaries(st.integers(0, len(fields) - 1), odd, min_size=1, max_size=6))
        filled = [(name, changed.get(index, value)) for index, (name, value) in enumerate(fields)]
        with undone():
            response = sent(client, action or path, filled)
            assert response.status_code < 500, filled

    fill()
    for value in ODD[list(FORMS).index(name) % 4 :: 4]:
        for action, fields in forms:
            with transaction.atomic():
                response = sent(
                    client, action or path, [(name, value if name[0] != "_" else was) for name, was in fields]
                )
                transaction.set_rollback(True)
            assert response.status_code < 500, (action, value[:50])


QUESTIONS = {
    "search": (at_plan("dashboard:search"), ("q",)),
    "measures": (
        at_plan("dashboard:measures"),
        ("q", "pillar", "department", "programme", "light", "sort", "on", "known"),
    ),
    "timeline": (at_plan("dashboard:timeline", "1.1"), ("kind", "page")),
    "indicators": (at_plan("dashboard:indicators"), ("sort", "format", "on")),
    "trail": (lambda court: "/audit/", ("who", "what", "action", "since", "until", "page")),
    "admin list": (
        in_admin("plans_measure_changelist"),
        ("q", "p", "o", "e", "lead__id__exact", "pillar__id__exact", "id__in", "_to_field"),
    ),
    "autocomplete": (lambda court: "/admin/autocomplete/", ("term", "app_label", "model_name", "field_name", "page")),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_of_any_kind_do_not_fail(client, court, name):
    path, names = QUESTIONS[name]

    @some
    @given(st.dictionaries(st.sampled_from(names), odd, min_size=1))
    def ask(params):
        query = "&".join(f"{key}={quote_plus(value[:5000], errors='surrogatepass')}" for key, value in params.items())
        assert client.get(f"{path(court)}?{query}").status_code < 500, params

    ask()
    for value in ODD[::2] if len(names) < 4 else ODD[::5]:
        for key in names:
            query = f"{key}={quote_plus(value, errors='surrogatepass')}"
            assert client.get(f"{path(court)}?{query}").status_code < 500, (key, value[:50])


@pytest.mark.parametrize("chosen", ODD)
def test_a_set_that_is_none_is_not_found(client, court, chosen):
    assert sent(client, reverse("office:sets", args=["kfq", 2025]), [("set", chosen)]).status_code == 404


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 400, "-" + "9" * 30])
def test_a_number_that_no_row_can_have_is_ticked_in_vain(client, court, number):
    path = reverse("admin:plans_measure_changelist")
    response = sent(client, path, [("action", "assign_several"), ("_selected_action", number), ("index", "0")])

    assert response.status_code < 500
    assert client.get(f"{path}?id__in={number}").status_code == 200


TYPED = "一段话，<b>“引号”</b>，\u202e反\u202c，𠮷😀"


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("report", "problems", {"text": ""}),
        ("report", "next_steps", {"declared": "NaN"}),
        ("instruction on a measure", "text", {"answer_by": "0000-00-00"}),
        ("instruction on an indicator", "text", {"department": "9" * 400}),
        ("extension", "reason", {"new_due": "9999-12-31"}),
        ("extension", "progress", {"new_due": "0001-01-01"}),
        ("closing", "result", {"finished_on": "9999-12-31"}),
        ("bulletin", "demands", {"since": "0001-01-01"}),
    ],
)
def test_what_was_typed_comes_back_with_what_is_wrong(client, court, name, text, wrong):
    path = FORMS[name](court)
    action, fields = max(forms_of(client.get(path)), key=lambda form: len(form[1]))
    filled = dict(fields) | {text: TYPED, "act": "submit"} | wrong
    before = rows()

    response = sent(client, action or path, filled.items())

    assert response.status_code in (200, 422)
    assert escape(TYPED) in response.content.decode()
    changed = {label for label, was in before.items() if rows()[label] != was}
    # A report's other fields are kept as a draft, which is what it is for.
    assert changed <= ({"progress.Report"} if name == "report" else set())


# Files


cells = st.one_of(
    odd.filter(lambda text: "\x00" not in text and len(text) < 2000),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.booleans(),
    st.none(),
)


def as_csv(head, lines, encoding):
    def cell(value):
        return '"' + str("" if value is None else value).replace('"', '""') + '"'

    return "\r\n".join(",".join(map(cell, line)) for line in [head, *lines]).encode(encoding, "replace")


def as_xlsx(head, lines):
    book = Workbook()
    book.active.append(head)
    for line in lines:
        book.active.append([_fit(value) for value in line])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fit(value):
    """What openpyxl can write at all; it reads more than that, but only from files made by hand."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 10**300 else str(value)
    if isinstance(value, date | datetime):
        return value if value.year >= 1900 else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    return (
        "".join(sign for sign in value if sign.isprintable() and not "\ud800" <= sign <= "\udfff")
        if isinstance(value, str)
        else value
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_tables_with_anything_in_them_are_taken_whole_or_not(client, court, undone, table, form):
    year = 2025 if table in ("nodes", "indicators", "targets", "readings", "people", "departments", "ranges") else 2026
    path = reverse("office:upload", args=["kfq", year, table])
    columns = TABLES[table].columns
    head = [str(column.name) for column in columns]
    plan = court.rows.plan if year == 2025 else court.rows.coming
    example = [column.example(plan) for column in columns]

    @settings(some, max_examples=examples(1, 4))
    @given(st.data())
    def take(data):
        lines = []
        for _line in range(data.draw(st.integers(1, 3))):
            changed = data.draw(st.dictionaries(st.integers(0, len(head) - 1), cells, max_size=3))
            lines.append([changed.get(index, value) for index, value in enumerate(example)])
        if form == "csv":
            content = as_csv(head, lines, data.draw(st.sampled_from(["utf-8", "gb18030"])))
        else:
            content = as_xlsx(head, lines)
        with undone():
            checked = client.post(path, {"file": SimpleUploadedFile(f"表.{form}", content)})
            assert checked.status_code < 500, lines
            if checked.status_code == 302:
                before = rows()
                there = checked["Location"]
                page = client.get(there)
                assert page.status_code == 200
                assert client.get(f"{there}rejected/").status_code == 200
                assert client.post(there).status_code < 500, lines
                if page.context["failed"]:
                    assert {name for name in before if rows()[name] != before[name]} <= {"sessions.Session"}
                assert client.get(reverse("office:home", args=["kfq", year])).status_code == 200

    take()


def workbook_with(sheet, **more):
    """A workbook whose only sheet is this very XML."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook_of(["编号"], [["1"]]))) as made,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in made.namelist():
            content = made.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = sheet
            archive.writestr(name, more.get(name, content))
    return buffer.getvalue()


MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
BOMBS = {
    "a merged cell over the whole sheet": MAIN
    + b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>',
    "three million cells": MAIN
    + b"<sheetData>"
    + b"<row>"
    + b"<c><v>1</v></c>" * 3_000_000
    + b"</row></sheetData></worksheet>",
    "a million rows": MAIN + b"<sheetData>" + b"<row><c><v>1</v></c></row>" * 1_000_000 + b"</sheetData></worksheet>",
    "a cell at the very end": MAIN
    + b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    "a number of 400 digits": MAIN
    + b'<sheetData><row r="1"><c r="A1"><v>'
    + b"9" * 400
    + b"</v></c></row></sheetData></worksheet>",
    "a number of 5,000 digits": MAIN
    + b'<sheetData><row r="1"><c r="A1"><v>'
    + b"9" * 5000
    + b"</v></c></row></sheetData></worksheet>",
    "a number beyond every number": MAIN
    + b'<sheetData><row r="1"><c r="A1"><v>1E+999999</v></c></row></sheetData></worksheet>',
    "a day beyond every day": MAIN
    + b'<sheetData><row r="1"><c r="A1" t="d"><v>99999-99-99</v></c></row></sheetData></worksheet>',
    "a cell nowhere": MAIN + b'<sheetData><row r="-1"><c r="ZZZZ0"><v>1</v></c></row></sheetData></worksheet>',
    "entities within entities": b'<!DOCTYPE x [<!ENTITY a "'
    + b"a" * 1000
    + b'">'
    + b"".join(
        b'<!ENTITY a%d "' % n + b"&a%d;" % (n - 1) * 20 + b'">' if n else b'<!ENTITY a0 "' + b"&a;" * 20 + b'">'
        for n in range(8)
    )
    + b"]>"
    + MAIN
    + b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a7;</t></is></c></row></sheetData></worksheet>',
    "a file of the server": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + MAIN
    + b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>',
    "elements within elements": MAIN + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</worksheet>",
    "no sheet": b"",
    "half a sheet": MAIN + b"<sheetData><row>",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_workbooks_made_to_burst_are_refused(client, court, bomb):
    file = SimpleUploadedFile("表.xlsx", workbook_with(BOMBS[bomb]))
    before = rows()

    response = client.post(reverse("office:upload", args=["kfq", 2025, "readings"]), {"file": file})

    assert response.status_code in (200, 302)
    assert b"root:" not in response.content
    assert {name for name, was in before.items() if rows()[name] != was} <= {
        "office.ImportFile",
        "django_tasks_database.DBTaskResult",
    }
    if response.status_code == 302:
        assert client.get(response["Location"]).status_code == 200
        assert b"root:" not in client.get(response["Location"]).content


# The document of a plan


def leaves(value, path=()):
    """The paths of all values in a document, its branches too."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from leaves(part, (*path, key))


def with_value(document, path, value):
    document = copy.deepcopy(document)
    if not path:
        return value
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return document


values = st.one_of(
    odd, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.just([]), st.just({})
)


def posted(client, content):
    return client.post("/office/from-file/", {"file": SimpleUploadedFile("plan.json", content)})


def test_documents_of_plans_with_anything_in_them_make_a_plan_or_nothing(client, court, undone):
    text = json.dumps(plan_document(court.rows.plan) | {"year": 2028}).replace('"2025-', '"2028-')
    document = json.loads(text)
    places = [path for path in leaves(document) if path]

    def tried(changed):
        with undone():
            n_before = {name: len(found) for name, found in rows().items()}
            response = posted(client, json.dumps(changed).encode())
            assert response.status_code < 500, changed
            if response.status_code == 302:
                there = response["Location"]
                assert client.get(there).status_code == 200
                made = client.post(there)
                assert made.status_code == 302
                for page in (made["Location"], "/kfq/2028/office/draft/", "/kfq/2028/office/plan.json"):
                    assert client.get(page).status_code in (200, 404), page
            else:
                assert {name: len(found) for name, found in rows().items()} == n_before

    @settings(some, max_examples=examples(6, 30))
    @given(st.dictionaries(st.sampled_from(places), values, min_size=1, max_size=2))
    def plant(changes):
        changed = document
        for path, value in changes.items():
            try:
                changed = with_value(changed, path, value)
            except (KeyError, IndexError, TypeError):
                continue
        tried(changed)

    tried(document)
    plant()
    for path in (
        ("year",),
        ("title",),
        ("thresholds", 0, "watch_gap"),
        ("measures", 0, "weight"),
        ("measures", 0, "deadlines", 0, "due"),
        ("measures", 0, "starts_on"),
        ("indicators", 0, "targets", 0, "low"),
        ("departments", 0, "order"),
        ("departments", 0, "slug"),
        ("pillars", 0, "number"),
        ("grace_days",),
        ("thresholds", 0, "due_soon_days"),
        ("measures", 0, "code"),
        ("indicators", 0, "scale"),
    ):
        for value in ("", "\x00", "\ud800", "NaN", "1E+999999", "0001-01-01", "9999-12-31", 2**63, 10**400):
            with transaction.atomic():
                response = posted(client, json.dumps(with_value(document, path, value)).encode())
                transaction.set_rollback(True)
            assert response.status_code < 500, (path, str(value)[:50])


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
        b"NaN",
        b"1e999999",
        b"\xff\xfe{\x00}\x00",
        b'"\\ud800"',
        b"\x00",
        b"null",
        b'{"format": "courtplan.plan", "format": 1}',
    ],
)
def test_what_is_no_document_is_refused(client, court, content):
    before = rows()

    assert posted(client, content).status_code == 200
    assert rows() == before


# Word templates and evidence


def docx_with(change):
    document = Document(io.BytesIO(sample()))
    change(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def without_page_size(document):
    for section in document.sections:
        for name in ("pgSz", "pgMar"):
            for element in section._sectPr.findall(f"{{*}}{name}"):
                section._sectPr.remove(element)


def without_sections(document):
    for section in document.element.body.findall("{*}sectPr"):
        document.element.body.remove(section)


def without_styles(document):
    for style in list(document.styles.element):
        document.styles.element.remove(style)


def with_deep_tables(document):
    table = document.add_table(1, 1)
    for _level in range(60):
        table = table.cell(0, 0).add_table(1, 1)
    table.cell(0, 0).text = "{{标题}}"


TEMPLATES = {
    "as it is": lambda document: None,
    "without a page's size": without_page_size,
    "without sections": without_sections,
    "without styles": without_styles,
    "tables in tables": with_deep_tables,
    "a field in a field": lambda document: document.add_paragraph("{{标{{标题}}题}}"),
    "a thousand fields": lambda document: document.add_paragraph("{{标题}}" * 1000),
    "fields of nothing": lambda document: document.add_paragraph("{{}}{{ }}{{\u202e}}"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_is_taken_can_be_filled(client, court, name):
    path = reverse("papers:template", args=["kfq", 2025])
    response = client.post(path, {"file": SimpleUploadedFile("模板.docx", docx_with(TEMPLATES[name]))})

    assert response.status_code in (302, 422)
    assert client.get(reverse("papers:file", args=["kfq", 2025, "bulletin", "docx"])).status_code == 200


@pytest.mark.parametrize(
    "whole", [sample(), workbook_of(["编号"], [["1"]]), office(), PDF], ids=["docx", "xlsx", "zip", "pdf"]
)
def test_spoilt_files_do_not_fail_wherever_they_are_sent(client, court, undone, whole):
    places = [
        (reverse("papers:template", args=["kfq", 2025]), "file", "docx"),
        (reverse("office:upload", args=["kfq", 2025, "readings"]), "file", "xlsx"),
        ("/office/from-file/", "file", "json"),
        (reverse("reporting:upload", args=["kfq", 2025, "1.2"]) + "?window=2025-06-30", "evidence", "pdf"),
    ]

    @settings(some, max_examples=examples(1, 4))
    @given(st.integers(0, len(whole)), st.binary(max_size=8), st.integers(0, len(whole)))
    def send(position, junk, end):
        content = (whole[:position] + junk + whole[position + len(junk) :])[: max(end, position)]
        for path, field, ending in places:
            for name in (f"表.{ending}", "\u202efdp.exe", "x" * 400 + ".docx", "a\x00b.xlsx", "../../x.xlsx"):
                with undone():
                    response = client.post(path, {field: _named(name, content)})
                    assert response.status_code < 500, (path, name)

    send()


def _named(name, content):
    file = io.BytesIO(content)
    file.name = name
    return file
