"""The main job without a mouse, and a target changed in the back office that turns a light."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.models import User
from apps.plans.models import Plan
from apps.reporting.models import Report
from tests.factories import IndicatorFactory, ReadingEntryFactory, TargetFactory

pytestmark = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")


@pytest.fixture
def running(cast, transactional_db):
    """The cast, in a plan of last year."""
    last_year = timezone.localdate().year - 1
    Plan.objects.update(year=last_year)
    cast.measure.plan.refresh_from_db()
    type(cast.measure).objects.update(starts_on=cast.measure.plan.starts_on)
    return cast


def tab_to(page, role, name):
    """Press Tab until the element has the focus; whether the focus can be seen there, too."""
    wanted = page.get_by_role(role, name=name).first
    for _press in range(120):
        if wanted.evaluate("(one) => one === document.activeElement"):
            outline = wanted.evaluate("(one) => getComputedStyle(one).outlineStyle + getComputedStyle(one).boxShadow")
            assert outline != "nonenone", name
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {name}")


def test_report_is_written_and_approved_by_keyboard_alone(running, sign_in):
    page = sign_in(running.reporter)
    tab_to(page, "link", "我的工作")
    page.keyboard.press("Enter")
    tab_to(page, "link", re.compile(running.measure.title))
    page.keyboard.press("Enter")
    tab_to(page, "textbox", re.compile("^进展情况"))
    page.keyboard.type("已完成调研。")
    tab_to(page, "textbox", re.compile("^完成进度"))
    page.keyboard.type("80")
    tab_to(page, "button", "提交审核")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已提交审核。")).to_be_visible()

    page = sign_in(running.reviewer)
    tab_to(page, "link", re.compile("^审核$"))
    page.keyboard.press("Enter")
    tab_to(page, "link", re.compile(running.measure.title))
    page.keyboard.press("Enter")
    tab_to(page, "button", re.compile("^通过$"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("已通过，进展已记入台账。")).to_be_visible()
    assert Report.objects.get().status == "approved"


def test_slash_leads_to_the_search_from_any_page(running, sign_in):
    page = sign_in(running.leader)
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_role("heading", name="搜索")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type(running.measure.title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile(running.measure.title)).first).to_be_visible()


def test_target_changed_in_the_back_office_turns_the_light(running, sign_in, live_server):
    first = running.measure.plan.starts_on
    indicator = IndicatorFactory(measure=running.measure, code="1.1-1", name="建议数")
    TargetFactory(
        indicator=indicator,
        low=5,
        due=running.measure.plan.ends_on - timedelta(days=30),
        effective_from=first,
        made_at=timezone.now() - timedelta(days=700),
    )
    ReadingEntryFactory(
        indicator=indicator,
        value=3,
        period_start=first,
        speaks_of=running.measure.plan.ends_on,
        accepted_at=timezone.now() - timedelta(hours=1),
    )
    call_command("loaddata", "roles", verbosity=0)
    admin = User.objects.get(pk=running.plan_admin.pk)
    admin.groups.set(Group.objects.filter(name="plan_admin"))
    address = f"{live_server.url}/kfq/{running.measure.plan.year}/indicators/1.1-1/"
    page = sign_in(admin)
    page.goto(address)
    expect(page.get_by_text("未达标").first).to_be_visible()

    page.goto(f"{live_server.url}/admin/indicators/indicator/{indicator.pk}/change/")
    page.locator("[name$='-low']:visible").last.fill("3")
    page.locator("[name$='-effective_from']:visible").last.fill(str(running.measure.plan.ends_on))
    page.locator("[name$='-reason']:visible").last.fill("按实际情况调整")
    page.locator("[name=_save]").first.click()
    expect(page.locator(".seen").last).to_contain_text("→")
    page.get_by_role("button", name="确定下达").click()
    expect(page.locator(".success")).to_be_visible()

    page.goto(address)
    expect(page.get_by_text("达标", exact=True).first).to_be_visible()
    expect(page.get_by_text("未达标")).to_have_count(0)
