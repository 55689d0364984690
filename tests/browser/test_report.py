"""The main job, in a real browser: a report is written, approved, and the dashboard shows it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.plans.models import Plan
from tests.factories import IndicatorFactory, TargetFactory

pytestmark = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")

PAGES = (
    "",
    "pillars/{number}/",
    "measures/",
    "measures/1.1/",
    "measures/1.1/report/",
    "indicators/",
    "indicators/1.1-1/",
)


@pytest.fixture
def running(cast, transactional_db):
    """The cast, in a plan of last year: every window has closed, and late reports still count."""
    last_year = timezone.localdate().year - 1
    Plan.objects.update(year=last_year)
    cast.measure.plan.refresh_from_db()
    first = timezone.localdate().replace(year=last_year, month=1, day=1)
    type(cast.measure).objects.update(starts_on=first)
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", unit="项", accumulation="sum")
    TargetFactory(indicator=indicator, low=2, effective_from=first, made_at=timezone.now() - timedelta(days=700))
    return cast


def home(live_server):
    return f"{live_server.url}/kfq/{Plan.objects.get().year}/"


def report_and_approve(running, live_server, sign_in):
    page = sign_in(running.reporter)
    page.get_by_role("link", name="我的工作").click()
    page.get_by_role("link", name=re.compile(running.measure.title)).first.click()
    page.get_by_label("进展情况").fill("已完成调研，形成报告一份。")
    page.get_by_label("完成进度").fill("80")
    page.get_by_label("本期数值").fill("2")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核。")).to_be_visible()

    page = sign_in(running.reviewer)
    page.get_by_role("link", name="审核", exact=True).click()
    page.get_by_role("link", name=re.compile(running.measure.title)).click()
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_text("已通过，进展已记入台账。")).to_be_visible()

    page = sign_in(running.leader)
    expect(page.get_by_text("80%").first).to_be_visible()
    page.goto(f"{home(live_server)}indicators/1.1-1/")
    expect(page.get_by_text("达标").first).to_be_visible()


def test_report_reaches_the_dashboard(running, live_server, sign_in):
    report_and_approve(running, live_server, sign_in)


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"java_script_enabled": False}

    def test_report_reaches_the_dashboard(self, running, live_server, sign_in):
        report_and_approve(running, live_server, sign_in)


class TestOnAPhone:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"viewport": {"width": 360, "height": 740}}

    def test_no_page_is_wider_than_the_screen(self, running, live_server, sign_in):
        page = sign_in(running.reporter)
        widths = {}
        for path in (*PAGES, "../../my-work/"):
            page.goto(home(live_server) + path.format(number=running.measure.pillar.number))
            widths[path] = page.evaluate("document.documentElement.scrollWidth")

        assert set(widths.values()) == {360}


def test_filter_follows_typing_and_the_address(running, live_server, sign_in):
    page = sign_in(running.leader)
    page.goto(f"{home(live_server)}measures/")

    page.get_by_role("searchbox").press_sequentially("没有这个词")

    expect(page.get_by_text("没有符合条件的举措")).to_be_visible()
    assert "q=" in page.url


def test_whole_report_by_keyboard(running, live_server, sign_in):
    page = sign_in(running.reporter)
    page.goto(f"{home(live_server)}measures/1.1/report/")
    page.get_by_label("进展情况").focus()

    page.keyboard.type("只用键盘填写。")
    page.keyboard.press("Tab")
    page.keyboard.type("55")
    page.get_by_role("button", name="提交审核").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("已提交审核。")).to_be_visible()
