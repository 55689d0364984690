"""The report form in a real browser: kept while one types, through a dead network and an ended session."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from apps.plans.models import Plan
from apps.reporting.choices import ReportStatus
from apps.reporting.models import Report
from tests.factories import IndicatorFactory, ReportFactory, TargetFactory

only_looks = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")

KEPT = re.compile(r"已自动保存 \d\d:\d\d")


@pytest.fixture
def running(cast, transactional_db):
    """The cast, in a plan of last year: every window has closed, and late reports still count."""
    last_year = timezone.localdate().year - 1
    Plan.objects.update(year=last_year)
    cast.measure.plan.refresh_from_db()
    first = timezone.localdate().replace(year=last_year, month=1, day=1)
    type(cast.measure).objects.update(starts_on=first)
    return cast


@pytest.fixture
def indicator(running):
    first = running.measure.plan.starts_on
    indicator = IndicatorFactory(measure=running.measure, unit="件", name="结案数")
    TargetFactory(indicator=indicator, low=20, effective_from=first, made_at=timezone.now() - timedelta(days=700))
    return indicator


@pytest.fixture
def form_address(running, live_server):
    return f"{live_server.url}/kfq/{running.measure.plan.year}/measures/1.1/report/"


@pytest.fixture
def form(running, sign_in, form_address):
    page = sign_in(running.reporter)
    page.goto(form_address)
    return page


def copies_of(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('courtplan-typed:')).length")


def wait_until_received(page):
    for _ in range(100):
        if copies_of(page) == 0:
            return
        page.wait_for_timeout(100)
    pytest.fail("the copy is still there")


@only_looks
def test_draft_is_kept_while_one_types(form):
    form.get_by_label("进展情况").press_sequentially("写到一半")
    form.get_by_label("完成进度").press_sequentially("5x")

    expect(form.get_by_text(KEPT)).to_contain_text("“完成进度”填写有误，没有存入草稿", timeout=10_000)
    report = Report.objects.get()
    assert (report.text, report.percent, report.status) == ("写到一半", None, ReportStatus.DRAFT)

    form.get_by_label("完成进度").fill("5")
    expect(form.get_by_text(KEPT)).not_to_contain_text("有误", timeout=10_000)
    wait_until_received(form)


@only_looks
def test_typing_shows_what_the_figure_means(indicator, form):
    form.get_by_label("本期数值").press_sequentially("17")

    expect(form.get_by_text("已达目标的 85%")).to_be_visible()
    assert Report.objects.count() == 0


@only_looks
def test_submitting_right_after_typing_hands_in_what_stands_there(form):
    form.get_by_label("完成进度").fill("40")
    form.get_by_label("进展情况").press_sequentially("最后一个字")
    form.keyboard.press("Tab")
    form.get_by_role("button", name="提交审核").click()

    expect(form.get_by_text("已提交审核。")).to_be_visible()
    assert Report.objects.values_list("text", "status").get() == ("最后一个字", ReportStatus.SUBMITTED)
    assert copies_of(form) == 0


def test_double_click_hands_in_one_report(form):
    form.get_by_label("进展情况").fill("点了两下")
    form.get_by_label("完成进度").fill("40")
    form.get_by_role("button", name="提交审核").dblclick()

    expect(form.get_by_role("heading", name="本期")).to_be_visible()
    assert Report.objects.get().status == ReportStatus.SUBMITTED


@only_looks
def test_what_was_typed_without_a_network_is_offered_again(form, context, complaints):
    context.set_offline(True)
    form.get_by_label("进展情况").press_sequentially("断网时写的")
    expect(form.get_by_text("网络不通")).to_be_visible(timeout=10_000)
    complaints.clear()  # the browser's own remark that it is offline
    form.close(run_before_unload=False)
    context.set_offline(False)

    again = context.new_page()
    again.goto(form.url)
    expect(again.get_by_text("未保存的内容")).to_be_visible()
    assert again.get_by_label("进展情况").input_value() == ""
    again.get_by_role("button", name="恢复").click()

    expect(again.get_by_text(KEPT)).to_be_visible(timeout=10_000)
    assert again.get_by_label("进展情况").input_value() == Report.objects.get().text == "断网时写的"


@only_looks
def test_signing_out_leaves_nothing_behind(running, form, context, complaints):
    context.set_offline(True)
    form.get_by_label("进展情况").press_sequentially("断网时写的")
    assert copies_of(form) == 1
    context.set_offline(False)
    complaints.clear()

    form.on("dialog", lambda dialog: dialog.accept())
    form.get_by_text(running.reporter.name).click()
    form.get_by_role("button", name="退出登录").click()

    expect(form).to_have_url(re.compile("/login/"))
    assert copies_of(form) == 0


@only_looks
def test_ended_session_is_said_and_the_form_goes_on_after_signing_in(running, form, context):
    Session.objects.all().delete()
    form.get_by_label("进展情况").press_sequentially("登录过期后写的")
    expect(form.get_by_text("登录已过期")).to_be_visible(timeout=10_000)

    with context.expect_page() as opened:
        form.get_by_role("link", name="在新窗口登录").click()
    opened.value.get_by_label("用户名").fill(running.reporter.username)
    opened.value.get_by_label("密码").fill("a-long-password-7")
    opened.value.get_by_role("button", name="登录").click()
    expect(opened.value.get_by_role("heading", name="填报进展")).to_be_visible()
    opened.value.close()
    form.get_by_label("进展情况").press_sequentially("，又写了")

    wait_until_received(form)
    assert Report.objects.get().text == "登录过期后写的，又写了"


def test_second_window_stops_and_says_so(form, context):
    second = context.new_page()
    second.goto(form.url)
    form.get_by_label("进展情况").press_sequentially("第一个窗口")
    expect(form.get_by_text(KEPT)).to_be_visible(timeout=10_000)

    second.get_by_label("进展情况").press_sequentially("第二个窗口")

    expect(second.get_by_text("本页不再自动保存")).to_be_visible(timeout=10_000)
    assert Report.objects.get().text == "第一个窗口"


@only_looks
def test_characters_are_counted_near_the_end(form):
    form.get_by_label("进展情况").fill("长" * 1799)
    expect(form.get_by_text("还可填")).to_have_count(0)

    form.get_by_label("进展情况").fill("长" * 1801)
    expect(form.get_by_text("还可填 199 字")).to_be_visible()

    form.get_by_label("进展情况").fill("长" * 2003)
    expect(form.get_by_text("超出 3 字")).to_be_visible()


@only_looks
def test_one_click_says_that_nothing_changed(running, live_server, sign_in):
    year = running.measure.plan.year
    ReportFactory(
        measure=running.measure,
        author=running.reporter,
        window_start=f"{year}-01-01",
        window_end=f"{year}-03-31",
        status=ReportStatus.APPROVED,
        submitted_by=running.reporter,
        submitted_at=timezone.now() - timedelta(days=300),
    )
    page = sign_in(running.reporter)
    page.goto(f"{live_server.url}/my-work/")

    page.get_by_role("button", name="无变化").first.click()

    expect(page.get_by_text("已按无变化提交审核。")).to_be_visible()
    assert Report.objects.filter(status=ReportStatus.SUBMITTED).count() == 1


@only_looks
class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"java_script_enabled": False}

    def test_form_sent_after_the_session_ended_comes_back(self, running, indicator, form):
        form.get_by_label("进展情况").fill("没有脚本时写的")
        form.get_by_label("完成进度").fill("40")
        form.get_by_label("本期数值").fill("17")
        Session.objects.all().delete()

        form.get_by_role("button", name="提交审核").click()
        expect(form.get_by_text("登录已过期，请重新登录")).to_be_visible()
        form.get_by_label("用户名").fill(running.reporter.username)
        form.get_by_label("密码").fill("a-long-password-7")
        form.get_by_role("button", name="登录").click()

        expect(form.get_by_text("刚才的内容没有保存")).to_be_visible()
        expect(form.get_by_text("已达目标的 85%")).to_be_visible()
        assert Report.objects.count() == 0
        form.get_by_role("button", name="提交审核").click()
        expect(form.get_by_text("已提交审核。")).to_be_visible()
        assert Report.objects.get().text == "没有脚本时写的"


@only_looks
class TestOnAPhone:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"viewport": {"width": 360, "height": 740}}

    def test_form_is_no_wider_than_the_screen(self, indicator, form):
        form.get_by_role("radio", name="需协调").check()
        form.get_by_label("需谁协调").fill("综合办公室")
        form.get_by_label("本期数值").press_sequentially("17")
        expect(form.get_by_text("已达目标的 85%")).to_be_visible()

        assert form.evaluate("document.documentElement.scrollWidth") == 360
