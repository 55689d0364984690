"""Every page for everybody: axe finds nothing against WCAG 2.2 AA, by day and by night, in both languages."""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import DEMO_PASSWORD as PASSWORD
from apps.papers.selectors import PaperOptions
from apps.papers.services import issue_paper
from apps.reporting.models import Report
from apps.supervision.models import Closing, Extension, Instruction
from tests import databases
from tests.extent import EXTENT, FULL

pytestmark = pytest.mark.once("浏览器里的样子和操作，所写的在两种数据库上另有测试")

# Beside the success criteria, what axe holds to be good practice.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],  # of what passes, it need not tell each node
}
PLAN = "/kfq/2025/"


@pytest.fixture
def browser_context_args(browser_context_args):
    """axe tries things out with inline styles, which the pages' own policy would refuse it."""
    return browser_context_args | {"bypass_csp": True}


@pytest.fixture(autouse=True)
def complaints():
    """Not asked here: to judge colours axe fetches style sheets anew, and some of what it tries is not there."""


@pytest.fixture
def example_year(transactional_db):
    databases.restore("example_year")


def pages():
    """(who, addresses): each page once, as somebody for whom it has the most on it."""
    waiting = Report.objects.filter(status="submitted", measure__lead__slug="zzb").order_by("pk").first()
    approved = Report.objects.filter(status="approved").order_by("pk").first()
    plan = approved.measure.plan
    issue = issue_paper(
        plan=plan,
        kind="bulletin",
        options=PaperOptions(on=date(2025, 8, 31), known=timezone.now(), basis="截至2025年8月31日"),
        by=User.objects.get(username="planadmin"),
        at=timezone.now(),
    )
    return {
        "leader": [
            PLAN,
            f"{PLAN}pillars/1/",
            f"{PLAN}measures/",
            f"{PLAN}measures/1.2/",
            f"{PLAN}measures/3.7/timeline/",
            f"{PLAN}measures/3.7/instruct/",
            f"{PLAN}indicators/",
            f"{PLAN}indicators/2.6-1/",
            f"{PLAN}departments/zzb/",
            f"{PLAN}programmes/competence/",
            f"{PLAN}?view=wall",
            f"{PLAN}year/",
            f"{PLAN}source/",
            f"{PLAN}search/?q=文化",
            f"{PLAN}instructions/",
            *(f"{PLAN}reports/{name}" for name in ("", "bulletin/", "year/?on=2025-08-31", "bulletin/print/")),
            Instruction.objects.get(measure__code="5.6").get_absolute_url(),
            Extension.objects.get(measure__code="1.2").get_absolute_url(),
            approved.get_absolute_url(),
            "/my-work/",
            "/rules/",
            "/password/",
        ],
        "reporter": [
            f"{PLAN}measures/5.7/report/",
            f"{PLAN}measures/1.2/report/",
            f"{PLAN}measures/5.1/close/",
            f"{PLAN}measures/1.2/extend/",
            "/my-work/",
        ],
        "reviewer": ["/reviews/", waiting.get_absolute_url()],
        "planadmin": [
            Closing.objects.get(measure__code="1.1").get_absolute_url(),
            "/audit/",
            "/audit/check/",
            *(f"{PLAN}office/{name}" for name in ("", "draft/", "tables/", "tables/readings/", "sets/", "next-year/")),
            f"{PLAN}reports/template/",
            issue.get_absolute_url(),
            "/office/people/",
            f"/office/people/{User.objects.get(username='leader-2').pk}/sign-in/",
            "/password/",
            "/login/set-up/",
            "/office/from-file/",
            f"/office/people/{User.objects.get(username='leader-2').pk}/leaving/",
        ],
    }


# The pages are dealt out to several tests, so that the processes of a run share them. Outside a full run each page is
# read in one look, and the next page in the other.
N_PARTS = 4
LOOKS = [("light", "zh-hans"), ("dark", "en")]
PARTS = [
    pytest.param(part, *look, id=f"{part}-{look[0]}")
    for part in range(N_PARTS)
    for look in (LOOKS if EXTENT == FULL else [LOOKS[part % len(LOOKS)]])
]


@pytest.mark.parametrize(("part", "scheme", "language"), PARTS)
def test_axe_finds_nothing_on_any_page(example_year, live_server, context, part, scheme, language):
    axe, found, n_read = Axe(), {}, 0
    for who, addresses in pages().items():
        context.clear_cookies()
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{live_server.url}/login/")
        page.get_by_label("用户名").fill(who)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for address in addresses[part::N_PARTS]:
            page.goto(f"{live_server.url}{address}")
            # What is folded away is read, too.
            page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
            n_read += 1
            for fault in axe.run(page, options=RULES).response["violations"]:
                found[address, fault["id"]] = [node["html"][:160] for node in fault["nodes"][:2]]
        page.close()

    assert found == {}
    assert n_read > 10
