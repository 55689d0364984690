"""The loop 反馈 → 审核 → 批示 → 延期 → 销号 in a real browser, with scripts and without."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.plans.models import Plan
from apps.plans.services import OrderDetails, order_deadline
from apps.reporting.models import Evidence, Report
from apps.supervision.models import Closing, Extension, Instruction
from tests.core.test_uploads import PDF, png
from tests.factories import MeasureFactory, ReportFactory

only_looks = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")


@pytest.fixture
def running(cast, transactional_db):
    """The cast, in a plan of this year."""
    today = timezone.localdate()
    Plan.objects.update(year=today.year)
    cast.measure.plan.refresh_from_db()
    type(cast.measure).objects.update(starts_on=cast.measure.plan.starts_on)
    cast.measure.refresh_from_db()
    order_deadline(
        measure=cast.measure,
        due=cast.measure.plan.ends_on,
        details=OrderDetails(reason="年度计划", by=cast.plan_admin, at=timezone.now()),
    )
    return cast


@pytest.fixture
def measure_url(running, live_server):
    return f"{live_server.url}/kfq/{running.measure.plan.year}/measures/1.1/"


def step(page, name, text="", button=None):
    """Open what can be done under that name, say something, and do it."""
    box = page.locator("details", has=page.locator("summary", has_text=re.compile(f"^{name}$")))
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    if text:
        box.get_by_role("textbox").first.fill(text)
    box.get_by_role("button", name=button or name).click()


def instruct_and_answer(running, sign_in, measure_url):
    page = sign_in(running.leader)
    page.goto(measure_url)
    page.get_by_role("link", name="作出批示").click()
    page.get_by_label("批示内容").fill("请说明进展慢的原因")
    page.get_by_role("button", name="下达批示").click()
    expect(page.get_by_text("承办部门还没有人打开过。")).to_be_visible()

    page = sign_in(running.reporter)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("listitem").filter(has_text="请说明进展慢的原因").get_by_role("link").first.click()
    step(page, "答复", "设备未到货，月底前完成")
    expect(page.get_by_text("已办理，现在的状态是“已答复”。")).to_be_visible()

    page = sign_in(running.leader)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("link", name="请说明进展慢的原因").click()
    expect(page.get_by_text("设备未到货，月底前完成")).to_be_visible()
    expect(page.get_by_text(running.reporter.name).first).to_be_visible()
    step(page, "办结")
    expect(page.get_by_text("已办理，现在的状态是“已办结”。")).to_be_visible()
    assert Instruction.objects.get().status == "closed"


def extend(running, sign_in, measure_url):
    page = sign_in(running.reporter)
    page.goto(measure_url)
    page.get_by_role("link", name="申请延期").click()
    new_due = running.measure.plan.ends_on + timedelta(days=90)
    page.get_by_label("申请延至").fill(str(new_due))
    page.get_by_label("延期理由").fill("施工延期")
    page.get_by_label("目前进展").fill("完成六成")
    page.get_by_role("button", name="提交申请").click()

    page = sign_in(running.reviewer)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("link", name=re.compile("^延期：")).click()
    step(page, "同意上报")

    page = sign_in(running.leader)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("link", name=re.compile("^延期：")).click()
    step(page, "同意延期", "同意，不再延期")
    expect(page.get_by_text("现定（第 2 次调整）")).to_be_visible()
    page.goto(measure_url)
    expect(page.get_by_text("已调整 2 次")).to_be_visible()
    assert Extension.objects.get().status == "granted"


def close(running, sign_in, measure_url):
    page = sign_in(running.reporter)
    page.goto(measure_url)
    page.get_by_role("link", name="申请销号").click()
    page.get_by_label("办结结果").fill("全部建成并投入使用")
    page.get_by_role("button", name="提交申请").click()

    page = sign_in(running.plan_admin)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("link", name=re.compile("^销号：")).click()
    step(page, "确认销号")
    page.goto(measure_url)
    expect(page.get_by_text("已完成").first).to_be_visible()
    assert Closing.objects.get().status == "confirmed"


def test_the_whole_loop(running, sign_in, measure_url):
    instruct_and_answer(running, sign_in, measure_url)
    extend(running, sign_in, measure_url)
    close(running, sign_in, measure_url)

    page = sign_in(running.inspector)
    page.goto(f"{measure_url}timeline/")
    for text in ("批示", "答复", "同意延期", "确认销号"):
        expect(page.locator("ol.timeline").get_by_text(text).first).to_be_visible()


@only_looks
class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"java_script_enabled": False}

    def test_the_whole_loop(self, running, sign_in, measure_url):
        instruct_and_answer(running, sign_in, measure_url)
        extend(running, sign_in, measure_url)
        close(running, sign_in, measure_url)

    def test_files_go_along_with_the_form(self, running, sign_in, measure_url, settings, tmp_path):
        settings.EVIDENCE_DIR = tmp_path
        page = sign_in(running.reporter)
        page.goto(f"{measure_url}report/")
        page.get_by_label("进展情况").fill("进展顺利")
        page.get_by_label("完成进度").fill("50")
        page.locator("input[type=file]").set_input_files(
            [{"name": "方案.pdf", "mimeType": "application/pdf", "buffer": PDF}]
        )
        page.get_by_role("button", name="提交审核").click()

        expect(page.get_by_role("link", name="方案.pdf")).to_be_visible()
        assert Report.objects.get().status == "submitted"


@only_looks
def test_files_are_sent_as_they_are_chosen_and_a_bad_one_is_named(running, sign_in, measure_url, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    page = sign_in(running.reporter)
    page.goto(f"{measure_url}report/")
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "假.pdf", "mimeType": "application/pdf", "buffer": png()},
            {"name": "现场.png", "mimeType": "image/png", "buffer": png()},
        ]
    )

    expect(page.get_by_role("link", name="现场.png")).to_be_visible()
    expect(page.get_by_text("假.pdf（文件的内容是 PNG，名称却是“.pdf”，请核对。）")).to_be_visible()
    page.get_by_label("进展情况").fill("进展顺利")
    page.get_by_label("完成进度").fill("50")
    page.get_by_role("button", name="移除 方案.pdf").click()
    expect(page.get_by_text("已移除“方案.pdf”。")).to_be_visible()
    page.get_by_label("进展情况").fill("进展顺利")
    page.get_by_label("完成进度").fill("50")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核。")).to_be_visible()
    assert [file.name for file in Evidence.objects.filter(removed_at=None)] == ["现场.png"]


@only_looks
def test_file_is_saved_and_not_opened(running, sign_in, measure_url, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    page = sign_in(running.reporter)
    page.goto(f"{measure_url}report/")
    page.locator("input[type=file]").set_input_files(
        [{"name": "方案（定稿）.pdf", "mimeType": "application/pdf", "buffer": PDF}]
    )
    with page.expect_download() as waiting:
        page.get_by_role("link", name="方案（定稿）.pdf").click()

    assert waiting.value.suggested_filename == "方案（定稿）.pdf"


@only_looks
def test_several_reports_are_approved_with_one_more_look(running, sign_in, live_server):
    year = running.measure.plan.year
    for _number in range(2):
        ReportFactory(
            measure=MeasureFactory(plan=running.measure.plan, pillar=running.measure.pillar, lead=running.measure.lead),
            author=running.reporter,
            window_start=f"{year}-01-01",
            window_end=f"{year}-03-31",
            status="submitted",
            submitted_by=running.reporter,
            submitted_at=timezone.now(),
            first_submitted_at=timezone.now(),
            percent=40,
        )
    page = sign_in(running.reviewer)
    page.get_by_role("link", name="审核", exact=True).click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="通过勾选的填报").click()
    page.get_by_role("button", name="确认通过").click()

    expect(page.get_by_text("已通过 2 份。")).to_be_visible()
    assert Report.objects.filter(status="approved").count() == 2


@pytest.mark.parametrize("width", [360, 768])
@only_looks
def test_no_page_of_the_loop_scrolls_sideways(running, sign_in, measure_url, live_server, width):
    instruct_and_answer(running, sign_in, measure_url)
    extend(running, sign_in, measure_url)
    plan = f"{live_server.url}/kfq/{running.measure.plan.year}/"
    addresses = {
        running.leader: [
            f"{measure_url}instruct/",
            f"{measure_url}timeline/",
            f"{plan}instructions/",
            f"{plan}instructions/{Instruction.objects.get().pk}/",
            f"{plan}extensions/{Extension.objects.get().pk}/",
            f"{plan}departments/{running.measure.lead.slug}/",
            f"{live_server.url}/my-work/",
        ],
        running.reporter: [f"{measure_url}extend/", f"{measure_url}close/", f"{live_server.url}/my-work/"],
        running.inspector: [f"{live_server.url}/audit/", f"{live_server.url}/audit/check/"],
        running.reviewer: [f"{live_server.url}/reviews/"],
    }
    for person, urls in addresses.items():
        page = sign_in(person)
        page.set_viewport_size({"width": width, "height": 800})
        for url in urls:
            page.goto(url)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, url
