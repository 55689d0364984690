"""The pages of oversight, as people walk through them."""

from datetime import date

import pytest
import time_machine

from apps.audit.models import AuditEvent
from apps.plans.models import Deadline
from apps.plans.services import OrderDetails, add_node
from apps.supervision.models import Closing, Extension, Instruction
from tests.conftest import at

PLAN = "/kfq/2025/"
MEASURE = f"{PLAN}measures/1.1/"


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(at("2025-06-10 10:00"), tick=False):
        yield


@pytest.fixture
def as_(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def give(client, **more):
    page = client.get(f"{MEASURE}instruct/")
    form = page.context["form"]
    return client.post(
        f"{MEASURE}instruct/",
        {
            "key": form.initial["key"],
            "text": "请说明原因",
            "department": form.initial["department"].pk,
            "answer_by": "2025-06-20",
            **more,
        },
    )


def test_leader_instructs_department_reads_answers_and_leader_closes(cast, as_):
    response = give(as_(cast.leader))
    instruction = Instruction.objects.get()
    assert response.url == instruction.get_absolute_url() == f"{PLAN}instructions/{instruction.pk}/"

    page = as_(cast.reporter).get(response.url)
    assert instruction.receipts.get().by == cast.reporter
    assert [transition["label"] for transition in page.context["transitions"]] == ["答复"]

    as_(cast.reporter).post(f"{response.url}answer/", {"seen": 0, "text": "设备未到货"})
    page = as_(cast.leader).get(response.url)
    assert [transition["label"] for transition in page.context["transitions"]] == ["追加批示", "办结"]
    assert "设备未到货" in page.content.decode()

    as_(cast.leader).post(f"{response.url}close/", {"seen": 1, "text": ""})
    assert Instruction.objects.get().status == "closed"
    assert as_(cast.leader).get(response.url).context["transitions"] == []


def test_instruction_form_keeps_what_was_typed_and_says_what_is_wrong(cast, as_):
    page = give(as_(cast.leader), answer_by="2025-06-09", text="请<b>说明</b>").content.decode()

    assert "答复期限不能早于今天。" in page
    assert "请&lt;b&gt;说明&lt;/b&gt;" in page
    assert not Instruction.objects.exists()


def test_step_form_keeps_what_was_typed(cast, as_, instruction):
    long = "字" * 1001

    page = (
        as_(cast.reporter).post(f"{instruction.get_absolute_url()}answer/", {"seen": 0, "text": long}).content.decode()
    )

    assert "最多 1000 字，现有 1001 字。" in page
    assert long in page


def test_second_of_two_answers_is_told(cast, as_, instruction):
    url = f"{instruction.get_absolute_url()}answer/"
    as_(cast.reporter).post(url, {"seen": 0, "text": "已办"})

    page = as_(cast.reporter).post(url, {"seen": 0, "text": "已办"}, follow=True).content.decode()

    assert "您刚才的操作没有生效" in page
    assert Instruction.objects.get().steps.count() == 1


def test_extension_from_asking_to_the_new_day(cast, as_):
    page = as_(cast.reporter).get(f"{MEASURE}extend/")
    assert "deadline" not in page.context["form"].fields
    answer = as_(cast.reporter).post(
        f"{MEASURE}extend/",
        {"key": page.context["form"].initial["key"], "new_due": "2026-01-31", "reason": "停工", "progress": "六成"},
    )
    extension = Extension.objects.get()
    assert answer.url == extension.get_absolute_url()

    as_(cast.reviewer).post(f"{answer.url}endorse/", {"seen": 0, "text": ""})
    as_(cast.leader).post(f"{answer.url}grant/", {"seen": 1, "text": "同意"})

    assert Deadline.objects.get(number=2).due == date(2026, 1, 31)
    page = as_(cast.colleague).get(answer.url).content.decode()
    assert "原定" in page
    assert "现定（第 1 次调整）" in page


def test_extension_form_offers_measure_and_open_nodes(cast, as_):
    node = add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 7, 31),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    add_node(
        measure=cast.measure,
        title="已过期",
        due=date(2025, 5, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    page = as_(cast.reporter).get(f"{MEASURE}extend/")

    assert [value for value, _label in page.context["form"].fields["deadline"].choices] == ["measure", str(node.pk)]
    as_(cast.reporter).post(
        f"{MEASURE}extend/", {"deadline": node.pk, "new_due": "2025-08-15", "reason": "论证", "progress": "初稿"}
    )
    assert Extension.objects.get().node == node


def test_asking_too_late_is_said_instead_of_the_form(cast, as_):
    with time_machine.travel(at("2026-01-05 10:00"), tick=False):
        page = as_(cast.reporter).get(f"{MEASURE}extend/").content.decode()

    assert "延期须在到期前申请" in page
    assert "提交申请" not in page


def test_closing_from_asking_to_reopening(cast, as_):
    page = as_(cast.reporter).get(f"{MEASURE}close/")
    answer = as_(cast.reporter).post(
        f"{MEASURE}close/",
        {"key": page.context["form"].initial["key"], "finished_on": "2025-06-09", "result": "已建成"},
    )
    url = Closing.objects.get().get_absolute_url()
    assert answer.url == url

    as_(cast.plan_admin).post(f"{url}confirm/", {"seen": 0, "text": ""})
    assert Closing.objects.get().status == "confirmed"
    page = as_(cast.plan_admin).post(f"{url}reopen/", {"seen": 1, "text": ""}).content.decode()
    assert "请填写此项。" in page
    as_(cast.plan_admin).post(f"{url}reopen/", {"seen": 1, "text": "遗漏"})
    assert Closing.objects.get().status == "reopened"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reporter", 200),
        ("reviewer", 200),
        ("leader", 200),
        ("plan_admin", 200),
        ("inspector", 200),
        ("colleague", 404),
        ("supporter", 404),
        ("outsider", 404),
    ],
)
def test_pending_request_is_for_those_it_concerns(cast, as_, extension, closing, who, status):
    for item in (extension, closing):
        assert as_(getattr(cast, who)).get(item.get_absolute_url()).status_code == status


@pytest.mark.parametrize("who", ["reporter", "colleague", "inspector"])
def test_instruction_is_for_the_whole_court(cast, as_, instruction, who):
    assert as_(getattr(cast, who)).get(instruction.get_absolute_url()).status_code == 200
    assert as_(cast.outsider).get(instruction.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("n_more", [0, 2])
def test_list_of_instructions_costs_the_same_for_one_and_three(
    cast, as_, instruction, n_more, django_assert_num_queries
):
    for number in range(n_more):
        give(as_(cast.leader), text=f"第{number}件", key="")
    client = as_(cast.colleague)

    with django_assert_num_queries(N_LIST):
        page = client.get(f"{PLAN}instructions/")

    assert len(page.context["open_rows"]) == 1 + n_more


N_LIST = 6


def test_unknown_step_is_not_found(cast, as_, instruction):
    assert as_(cast.leader).post(f"{instruction.get_absolute_url()}grant/", {"seen": 0}).status_code == 404
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["refused", "instruction.given"]
