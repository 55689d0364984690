"""Files and links beside a report: who lays them there, who may have them, and what becomes of them."""

import hashlib
import os
import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.audit.selectors import records_state
from apps.reporting import services
from apps.reporting.evidence_files import absolute_path
from apps.reporting.models import Evidence, Report
from tests.conftest import at
from tests.core.test_uploads import PDF, office, png
from tests.factories import IndicatorFactory

NOW = at("2025-06-26 10:00")


@pytest.fixture(autouse=True)
def ground(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    with time_machine.travel(NOW, tick=False):
        yield


def file(name="方案.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def add(cast, save):
    report = save()

    def add_file(**more):
        return services.add_evidence_file(**{"report": report, "file": file(), "by": cast.reporter, "at": NOW, **more})

    return add_file


def files_on_disk(settings):
    root = Path(settings.EVIDENCE_DIR)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


@pytest.fixture
def form_url(cast):
    return reverse("reporting:write", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"


def fill(**more):
    return {"text": "进展顺利", "percent": "50", "declared": "normal", "revision": "0", "act": "save", **more}


def let_go(response):
    """Close the file as a server would; closing the response would close the test's database connection, too."""
    for close in response._resource_closers:
        close()


# On disk


def test_file_lies_under_a_name_that_says_nothing_for_the_owner_only(add, settings):
    evidence = add()

    path = absolute_path(evidence.path)
    assert path.read_bytes() == PDF
    assert (evidence.name, evidence.size, evidence.sha256) == ("方案.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert "方案" not in str(path.relative_to(settings.EVIDENCE_DIR))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert records_state().altered == ()


def test_refused_file_leaves_nothing_behind(add, settings):
    with pytest.raises(ValidationError) as refusal:
        add(file=file("方案.pdf", png()))

    assert refusal.value.message_dict == {"evidence": ["方案.pdf（文件的内容是 PNG，名称却是“.pdf”，请核对。）"]}
    assert (files_on_disk(settings), Evidence.objects.count()) == ([], 0)


def test_row_that_can_not_be_written_leaves_no_file(add, cast, settings):
    other = IndicatorFactory(plan=cast.measure.plan, measure=cast.measure)
    other.pk = 10**9

    with pytest.raises(ValidationError):
        add(indicator=other)

    assert files_on_disk(settings) == []


def test_disk_that_takes_nothing_is_said(add, settings):
    Path(settings.EVIDENCE_DIR).write_text("in the way")

    with pytest.raises(ValidationError) as refusal:
        add()

    assert "服务器暂时无法保存文件" in refusal.value.messages[0]


def test_at_most_so_many(add, settings):
    settings.EVIDENCE_MAX_PER_REPORT = 1
    add()

    with pytest.raises(ValidationError) as refusal:
        add()

    assert refusal.value.messages == ["每份填报最多 1 件佐证材料。"]


def test_tidying_takes_old_files_without_a_row_and_names_what_is_broken(add, settings, capsys):
    intact, altered = add(), add()
    absolute_path(altered.path).write_bytes(b"altered")
    stray = absolute_path("ab/stray")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    fresh = absolute_path("ab/fresh")
    fresh.write_bytes(b"x")
    with time_machine.travel(NOW, tick=False):
        old = time.time() - 2 * 24 * 3600
        os.utime(stray, (old, old))
        os.utime(fresh, (time.time(), time.time()))
        call_command("tidy_evidence")

    output = capsys.readouterr().out
    assert "清理没有登记的文件 1 个，提交前已移除而没有删净的文件 0 个。" in output
    assert "核对已登记的文件 2 个，异常 1 个。" in output
    assert (stray.exists(), fresh.exists(), absolute_path(intact.path).exists()) == (False, True, True)


@pytest.mark.parametrize(("handed_in", "stays"), [(False, False), (True, True)])
def test_tidying_erases_what_was_taken_off_unread_while_the_server_died(cast, add, capsys, handed_in, stays):
    """Later submissions of the report make no difference: the file was no part of them."""
    evidence = add()
    report = evidence.report
    if handed_in:
        report = services.submit_report(report=report, by=cast.reporter, at=NOW)
        report = services.return_report(report=report, reason="再写", by=cast.reviewer, at=NOW + timedelta(hours=1))
    services.remove_evidence(evidence=evidence, by=cast.reporter, at=NOW + timedelta(hours=2))
    absolute_path(evidence.path).write_bytes(PDF)  # as if nobody had come to erase it
    services.submit_report(report=report, by=cast.reporter, at=NOW + timedelta(hours=3))

    call_command("tidy_evidence")

    assert f"没有删净的文件 {0 if stays else 1} 个" in capsys.readouterr().out
    assert absolute_path(evidence.path).exists() == stays


# Who


@pytest.mark.parametrize("who", ["supporter", "colleague", "leader", "plan_admin", "inspector", "outsider"])
def test_others_lay_nothing_beside_the_report(cast, add, who):
    with pytest.raises(PermissionDenied):
        add(by=getattr(cast, who))


def test_handed_in_report_takes_no_more(cast, add, submitted):
    for act in (
        lambda: services.add_evidence_file(report=submitted, file=file(), by=cast.reporter, at=NOW),
        lambda: services.add_evidence_link(
            report=submitted, url="http://oa.court/1", name="", by=cast.reporter, at=NOW
        ),
    ):
        with pytest.raises(services.AlreadyDecided):
            act()


HAS = {
    "draft": {"reporter", "reviewer", "plan_admin", "inspector"},
    "submitted": {"reporter", "reviewer", "plan_admin", "inspector"},
    "returned": {"reporter", "reviewer", "plan_admin", "inspector"},
    "approved": {"reporter", "reviewer", "plan_admin", "inspector", "leader", "colleague", "supporter"},
}


@pytest.mark.parametrize("status", HAS)
@pytest.mark.parametrize(
    "who", ["reporter", "reviewer", "plan_admin", "inspector", "leader", "colleague", "supporter", "outsider"]
)
def test_file_is_for_those_who_may_see_its_report(client, cast, add, status, who):
    evidence = add()
    Report.objects.update(status=status, submitted_by=cast.reporter, submitted_at=NOW)
    client.force_login(getattr(cast, who))

    response = client.get(evidence.get_absolute_url())

    assert response.status_code == (200 if who in HAS[status] else 404)
    let_go(response)
    client.logout()
    assert client.get(evidence.get_absolute_url()).status_code == 302


def test_file_is_handed_out_to_save_and_never_to_open(client, cast, add):
    evidence = add(file=file("方案 定稿.pdf"))
    client.force_login(cast.reporter)

    response = client.get(evidence.get_absolute_url())

    assert b"".join(response.streaming_content) == PDF
    let_go(response)
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E6%96%B9%E6%A1%88%20%E5%AE%9A%E7%A8%BF.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"altered")])
def test_missing_or_altered_file_is_said(client, cast, add, spoil):
    evidence = add()
    spoil(absolute_path(evidence.path))
    client.force_login(cast.reporter)

    response = client.get(evidence.get_absolute_url())

    assert response.status_code == 410
    assert "在服务器上找不到，或与提交时的内容不一致" in response.content.decode()


# Removal


def test_file_removed_before_it_was_handed_in_is_really_gone(cast, add, django_capture_on_commit_callbacks):
    evidence = add()

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_evidence(evidence=evidence, by=cast.reporter, at=NOW)

    assert not absolute_path(evidence.path).exists()
    assert Evidence.objects.get().removed_by == cast.reporter
    assert list(AuditEvent.objects.values_list("action", flat=True))[:2] == ["evidence.removed", "evidence.added"]
    assert records_state().altered == ()


def test_file_that_was_handed_in_stays_with_its_version(cast, add, django_capture_on_commit_callbacks):
    evidence = add()
    report = services.submit_report(report=Report.objects.get(), by=cast.reporter, at=NOW)
    services.return_report(report=report, reason="请补充", by=cast.reviewer, at=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_evidence(evidence=evidence, by=cast.reporter, at=at("2025-06-27 10:00"))

    assert absolute_path(evidence.path).exists()
    assert report.reviews.get().content["evidence"] == [{"name": "方案.pdf", "url": "", "sha256": evidence.sha256}]


# Links


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("http://oa.court/doc?id=1", True),
        ("https://10.1.2.3:8443/文件", True),
        ("javascript:alert(1)", False),
        ("ftp://oa.court/", False),
        ("//oa.court/", False),
        ("http://", False),
        ("http://user:pw@oa.court/", False),
        ("http://oa.court/a b", False),
        ("http://oa.court/" + "a" * 500, False),
        ("http://[::1", False),
    ],
)
def test_link_leads_to_a_page_and_nothing_else(cast, save, url, is_taken):
    def add():
        return services.add_evidence_link(report=save(), url=url, name="", by=cast.reporter, at=NOW)

    if is_taken:
        assert add().url == url
    else:
        with pytest.raises(ValidationError) as refusal:
            add()
        assert list(refusal.value.message_dict) == ["link"]


# In the form


def test_form_takes_files_and_link_in_one_step_without_javascript(client, cast, form_url):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1")
    client.force_login(cast.reporter)

    client.post(
        form_url,
        fill(
            evidence=[file(), file("照片.png", png())],
            link="http://oa.court/1",
            link_name="会议纪要",
            evidence_of="1.1-1",
        ),
    )

    assert [(evidence.name, evidence.kind, evidence.indicator) for evidence in Evidence.objects.all()] == [
        ("方案.pdf", "file", indicator),
        ("照片.png", "file", indicator),
        ("会议纪要", "link", indicator),
    ]
    page = client.get(form_url).content.decode()
    assert "会议纪要" in page
    assert "oa.court" in page


def test_bad_file_is_said_the_good_one_and_the_words_are_kept(client, cast, form_url):
    client.force_login(cast.reporter)

    response = client.post(form_url, fill(act="submit", evidence=[file(), file("坏.docx", b"MZ")]))

    page = response.content.decode()
    assert "坏.docx（只能上传 PDF、Word" in page
    assert [evidence.name for evidence in Evidence.objects.all()] == ["方案.pdf"]
    assert (Report.objects.get().status, Report.objects.get().text) == ("draft", "进展顺利")
    again = fill(act="submit", revision=response.context["revision"])
    client.post(form_url, again)
    assert Report.objects.get().status == "submitted"


def test_files_are_kept_where_the_rest_has_an_error(client, cast, form_url):
    client.force_login(cast.reporter)

    response = client.post(form_url, fill(act="submit", text="", percent="abc", evidence=[file()]))

    assert set(response.context["form"].errors) == {"text", "percent"}
    assert Evidence.objects.get().name == "方案.pdf"


def test_file_that_is_too_large_is_dropped_while_it_comes_in(client, cast, form_url, settings):
    settings.UPLOAD_MAX_FILE = 1000
    client.force_login(cast.reporter)

    response = client.post(form_url, fill(evidence=[file("大.pdf", PDF + b"x" * 5000), file()]))

    assert "大.pdf（超过 0 MB）" in response.content.decode()
    assert [evidence.name for evidence in Evidence.objects.all()] == ["方案.pdf"]


def test_request_that_announces_too_much_is_refused_unread(client, cast, form_url, settings):
    settings.UPLOAD_MAX_REQUEST = 1000
    client.force_login(cast.reporter)

    response = client.post(form_url, fill(evidence=[file("大.pdf", PDF + b"x" * 5000)]))

    assert response.status_code == 413
    assert not Report.objects.exists()


def test_browser_sends_files_one_by_one(client, cast, form_url):
    client.force_login(cast.reporter)
    url = reverse("reporting:upload", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"

    good = client.post(url, {"evidence": [file("表.xlsx", office("xl/workbook.xml"))]}).json()
    bad = client.post(url, {"evidence": [file("表.xlsx", PDF)]}).json()

    assert (good["messages"], good["revision"]) == ([], 1)
    assert "表.xlsx" in good["evidence_list"]
    assert bad["messages"] == ["表.xlsx（文件的内容是 PDF，名称却是“.xlsx”，请核对。）"]
    client.post(form_url, fill(revision=good["revision"], act="submit"))
    assert Report.objects.get().status == "submitted"
    assert client.post(url, {"evidence": [file()]}).status_code == 409


def test_supporting_department_lays_files_beside_its_text(client, cast, form_url):
    client.force_login(cast.supporter)

    client.post(form_url, fill(evidence=[file()]))

    assert Evidence.objects.get().report.department == cast.supporter.department


def test_removing_through_the_page(client, cast, add, form_url):
    evidence = add()
    url = evidence.get_absolute_url() + "remove/"
    client.force_login(cast.colleague)
    assert client.post(url).status_code == 404
    client.force_login(cast.inspector)
    assert client.post(url).status_code == 403
    client.force_login(cast.reporter)

    assert client.post(url).url == form_url
    assert Evidence.objects.get().removed_at is not None
    assert client.get(evidence.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("n_files", [1, 3])
def test_report_page_takes_the_same_number_of_queries(client, cast, add, django_assert_num_queries, n_files):
    for _number in range(n_files):
        add()
    client.force_login(cast.inspector)

    with django_assert_num_queries(N_REPORT):
        page = client.get(Report.objects.get().get_absolute_url())

    assert len(page.context["evidence"]) == n_files


N_REPORT = 15
