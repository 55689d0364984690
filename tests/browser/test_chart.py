"""The chart library draws on demand, from this server, under the strict policy of the pages, and by keyboard."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.conftest import at
from tests.factories import IndicatorFactory, ReadingEntryFactory, TargetFactory

pytestmark = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")


@pytest.fixture
def address(cast, transactional_db, live_server):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", unit="份", name="建议数")
    TargetFactory(indicator=indicator, low=10)
    for month, value in ((3, 4), (6, 9)):
        ReadingEntryFactory(
            indicator=indicator,
            value=value,
            speaks_of=date(2025, month, 28),
            period_start=date(2025, 1, 1),
            accepted_at=at(f"2025-0{month}-29 09:00"),
        )
    return f"{live_server.url}/kfq/2025/indicators/1.1-1/"


def test_chart_is_drawn_walked_and_saved(cast, address, sign_in):
    page = sign_in(cast.leader)
    page.goto(address)
    page.get_by_role("button", name="互动图表").click()
    box = page.locator("[data-box]")
    expect(box.locator("svg")).to_be_visible()
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(box.locator("svg text", has_text="4 份").first).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("button", name="保存图片").click()
    assert waiting.value.suggested_filename == "1.1-1 建议数.svg"


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return browser_context_args | {"java_script_enabled": False}

    def test_the_servers_drawing_and_the_table_are_there(self, cast, address, sign_in):
        page = sign_in(cast.leader)
        page.goto(address)

        expect(page.get_by_role("img", name="全年走势")).to_be_visible()
        expect(page.get_by_role("button", name="互动图表")).to_be_hidden()
        expect(page.get_by_role("cell", name="9", exact=True)).to_be_visible()
