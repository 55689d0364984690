"""Tables from Excel and WPS: what each row would do is shown first, then all are taken in or none."""

import base64
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from apps.accounts.models import Court, Department, User
from apps.audit.models import AuditEvent
from apps.audit.selectors import records_state
from apps.core import cells
from apps.core.sheets import read_table
from apps.core.tables import workbook_of
from apps.core.uploads import BadUploadError
from apps.indicators.models import Indicator, IndicatorSet, SetEntry, Target
from apps.ledger.models import LedgerEntry
from apps.office.import_registry import TABLES
from apps.office.models import ImportFile
from apps.operations import backup
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure, Node, Plan
from tests.conftest import run_tasks
from tests.factories import IndicatorFactory, ReadingEntryFactory, TargetFactory
from tests.office.conftest import NOW


@pytest.fixture
def draft(cast):
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)
    return Plan.objects.get()


def address(name, *more):
    return reverse(f"office:{name}", args=["kfq", 2025, *more])


def send(client, table, head, rows, name="表.xlsx"):
    """Upload a table; the page with what each row would do."""
    file = SimpleUploadedFile(name, workbook_of(head, rows))
    return client.post(address("upload", table), {"file": file}, follow=True)


def take(client, page):
    return client.post(page.redirect_chain[-1][0], follow=True)


def did(page):
    return {name: n for name, n in page.context["counts"].items() if n}


HEADS = {slug: [str(column.name) for column in table.columns] for slug, table in TABLES.items()}
WHOLE_PLAN = [
    ("departments", ["网址代码", "名称", "排列次序"], [["zzb", "政治部", 901], ["xzb", "行政装备处", 902]]),
    ("pillars", ["序号", "支柱", "简称"], [[991, "强化改革创新", "改革创新"]]),
    ("goals", ["编号", "年度目标"], [["G8", "争先"], ["G9", "进位"]]),
    ("programmes", ["编号", "名称"], [["service", "品质服务"]]),
    (
        "measures",
        ["编号", "支柱序号", "举措", "牵头部门", "配合部门", "分管院领导", "完成时限", "报送周期", "权重"],
        [
            ["9.1", 991, "第一项", "政治部", "行政装备处", None, date(2025, 11, 30), "每月", 2],
            ["9.2", 991, "第二项", "行政装备处", None, None, "2025年12月1日", None, None],
        ],
    ),
    ("nodes", ["举措编号", "节点", "完成时限"], [["9.1", "方案印发", "2025/6/30"], ["9.1", "全面推开", "20251030"]]),
    (
        "indicators",
        ["编号", "举措编号", "指标", "类型", "单位", "填报分子分母", "换算"],
        [["9.1-1", "9.1", "创建率", "不低于", "%", "是", 100], ["9.1-2", "9.1", "投诉数", "不高于", "件", "否", None]],
    ),
    (
        "targets",
        ["指标编号", "目标值（下限）", "上限", "理由"],
        [["9.1-1", "９０", None, "计划下达"], ["9.1-2", None, "1,000", "计划下达"]],
    ),
]


def test_whole_plan_comes_in_and_the_second_time_nothing_changes(office, draft):
    for table, head, rows in WHOLE_PLAN:
        page = send(office, table, head, rows)
        assert did(page) == {"new": len(rows)}, page.context["failed"]
        assert "已导入" in take(office, page).content.decode()

    first, second = Measure.objects.filter(code__startswith="9.").order_by("code")
    assert (first.lead.name, first.weight, first.cadence, first.order) == ("政治部", 2, "monthly", 1)
    assert [department.name for department in first.support.all()] == ["行政装备处"]
    assert [str(order.due) for order in second.deadlines.all()] == ["2025-12-01"]
    assert [node.title for node in first.nodes.order_by("order")] == ["方案印发", "全面推开"]
    assert Indicator.objects.get(code="9.1-1").has_parts
    assert [target.low or target.high for target in Target.objects.order_by("pk")] == [90, 1000]
    n_events = AuditEvent.objects.count()
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"department.added", "pillar.added", "measure.added", "deadline.ordered", "node.added"} <= actions
    assert {"indicator.added", "target.ordered"} <= actions
    assert records_state().is_whole

    for table, head, rows in WHOLE_PLAN:
        page = send(office, table, head, rows)
        assert did(page) == {"same": len(rows)}
        assert not page.context["can_confirm"]
    assert AuditEvent.objects.count() == n_events


def test_checking_changes_nothing(office, draft):
    n_events = AuditEvent.objects.count()

    page = send(office, *WHOLE_PLAN[0])

    assert did(page) == {"new": 2}
    assert not Department.objects.filter(slug="zzb").exists()
    assert AuditEvent.objects.count() == n_events
    assert ImportFile.objects.get().done_at is None


def test_one_bad_row_stops_the_whole_table_and_goes_out_to_be_mended(office, draft):
    head = ["编号", "支柱序号", "举措", "牵头部门", "完成时限", "权重"]
    rows = [
        ["9.1", 991, "好的", None, None, None],
        [None] * 6,
        ["9.2", 7777, "没有这个支柱", None, None, None],
        ["9.3", 1, "", "不存在的庭", "6月底", "很大"],
    ]
    send_pillars = send(office, "pillars", ["序号", "支柱", "简称"], [[991, "强化改革创新", "改革创新"]])
    take(office, send_pillars)

    page = send(office, "measures", head, rows)

    assert did(page) == {"new": 1, "failed": 2}
    assert [(row["number"], row["errors"]) for row in page.context["failed"]] == [
        (4, ["支柱序号 · 计划中没有第 7777 个支柱。"]),
        (
            5,
            [
                "举措 · 这一列必须填写。",
                "完成时限 · “6月底”不是日期，日期写法如 2025-06-30。",
                "权重 · “很大”不是数字。",
            ],
        ),
    ]
    assert not page.context["can_confirm"]
    there = page.redirect_chain[-1][0]
    assert "一行也没有导入" in office.post(there, follow=True).content.decode()
    assert not Measure.objects.filter(code="9.1").exists()

    sheet = load_workbook(io.BytesIO(office.get(f"{there}rejected/").content)).active
    assert [cell.value for cell in sheet[1]] == [*head, "需要改正"]
    assert [sheet.cell(row=row, column=1).value for row in (2, 3)] == ["9.2", "9.3"]
    assert sheet.max_row == 3


def test_readings_go_into_the_ledger_once(office, cast):
    IndicatorFactory(measure=cast.measure, code="1.1-1", accumulation="sum")
    head = ["指标编号", "起始日期", "截止日期", "数值", "数据来源"]
    row = ["1.1-1", date(2025, 1, 1), date(2025, 5, 31), 12.5, "统计月报"]

    page = send(office, "readings", head, [row])
    take(office, page)

    entry = LedgerEntry.objects.get()
    assert (entry.value, entry.source, entry.accepted_by) == (Decimal("12.5"), "统计月报", cast.plan_admin)
    assert AuditEvent.objects.get().action == "reading.entered"
    assert did(send(office, "readings", head, [row])) == {"same": 1}
    for wrong, sentence in (
        (["1.1-1", date(2025, 1, 1), date(2025, 5, 31), 13, "统计月报"], "已有不同的读数"),
        (["1.1-1", date(2025, 5, 1), date(2025, 6, 30), 13, "统计月报"], "已经报过"),
        (["1.1-1", date(2025, 6, 1), date(2025, 12, 31), 13, "统计月报"], "晚于"),
        (["1.1-1", date(2024, 6, 1), date(2024, 6, 30), 13, "统计月报"], "早于"),
        (["1.1-1", date(2025, 6, 1), date(2025, 6, 30), -13, "统计月报"], "不能小于 0"),
        (["1.1-1", date(2025, 6, 1), date(2025, 6, 30), None, "统计月报"], "请填写数值"),
        (["9.9-9", date(2025, 6, 1), date(2025, 6, 30), 1, "统计月报"], "没有编号为"),
        (["1.1-1", date(2025, 6, 1), date(2025, 6, 30), 1, None], "必须填写"),
    ):
        assert sentence in str(send(office, "readings", head, [wrong]).context["failed"])
    assert LedgerEntry.objects.count() == 1


def test_withdrawn_reading_makes_room_for_the_right_one(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1")
    ReadingEntryFactory(indicator=indicator, withdrawn_at=NOW, withdrawn_by=cast.plan_admin, withdrawn_reason="有误")
    head = ["指标编号", "起始日期", "截止日期", "数值", "数据来源"]

    assert did(send(office, "readings", head, [["1.1-1", "2025-01-01", "2025-03-31", 6, "月报"]])) == {"new": 1}


def test_target_as_it_stands_is_not_ordered_again(office, cast):
    TargetFactory(indicator=IndicatorFactory(measure=cast.measure, code="1.1-1"), low=90)
    head = ["指标编号", "目标值（下限）", "理由"]

    assert did(send(office, "targets", head, [["1.1-1", 90, "不变"]])) == {"same": 1}
    assert did(send(office, "targets", head, [["1.1-1", 95, "提高"]])) == {"changed": 1}
    assert "必须填写" in str(send(office, "targets", head, [["1.1-1", 95, None]]).context["failed"])


def test_node_moves_by_order_with_a_reason(office, cast):
    head = ["举措编号", "节点", "完成时限", "理由"]
    take(office, send(office, "nodes", head, [["1.1", "方案印发", "2025-08-01", None]]))

    assert "写明理由" in str(send(office, "nodes", head, [["1.1", "方案印发", "2025-09-01", None]]).context["failed"])
    take(office, send(office, "nodes", head, [["1.1", "方案印发", "2025-09-01", "上级推迟"]]))

    assert [str(order.due) for order in Node.objects.get().deadlines.order_by("number")] == ["2025-08-01", "2025-09-01"]


@pytest.mark.parametrize(
    ("department", "roles", "ended"),
    [("lead", "填报人", False), ("support", "填报人", True), ("lead", "填报人、审核人", True)],
)
def test_session_ends_where_a_table_changes_a_persons_rights(office, cast, department, roles, ended):
    """As when the back office changes them."""
    person = cast.reporter
    person.set_unusable_password()
    person.save()
    names = {"lead": person.department.name, "support": cast.supporter.department.name}
    row = [person.username, person.name, names[department], roles, None]

    head = ["用户名", "姓名", "部门", "角色", "初始密码"]
    page = send(office, "people", head, [row, ["new", "新人", None, "监督员", None]])
    assert not page.context["failed"]
    take(office, page)

    before, after = person.session_generation, User.objects.get(pk=person.pk).session_generation
    assert (after > before) is ended
    assert User.objects.get(username="new").is_staff


def test_people_come_in_with_department_and_roles(office, cast):
    department = cast.measure.lead.name
    head = ["用户名", "姓名", "部门", "角色", "初始密码"]
    rows = [["zhangsan", "张三", department, "填报人、审核人", "a-long-first-pw-7"], ["lisi", "李四", None, None, None]]

    take(office, send(office, "people", head, rows))

    zhang, li = User.objects.get(username="zhangsan"), User.objects.get(username="lisi")
    assert (zhang.name, zhang.department, zhang.roles) == ("张三", cast.measure.lead, {"reporter", "reviewer"})
    assert zhang.check_password("a-long-first-pw-7")
    assert not li.has_usable_password()
    assert bytes(ImportFile.objects.get().content) == b""
    assert "a-long-first-pw-7" not in str(list(AuditEvent.objects.values_list("data", flat=True)))
    page = send(
        office,
        "people",
        head,
        [
            ["zhangsan", "张三", department, "审核人", None],
            ["wangwu", "王五", "没有的庭", None, None],
            ["zhaoliu", "赵六", None, "皇帝", None],
            ["sunqi", "孙七", None, None, "123"],
            [cast.outsider.username, "外院", None, None, None],
        ],
    )
    assert did(page) == {"changed": 1, "failed": 4}


FIRST_PASSWORD = "a-long-first-pw-7"


@pytest.fixture
def unconfirmed(office, cast):
    """A table of people with a first password in its first column, uploaded and not taken in."""
    head = ["初始密码", "用户名", "姓名", "部门", "角色"]
    return send(office, "people", head, [[FIRST_PASSWORD, "zhangsan", "张三", "没有的庭", None]])


def test_first_passwords_of_an_upload_cannot_be_read_in_the_database(unconfirmed):
    upload = ImportFile.objects.get()

    assert unconfirmed.context["failed"][0]["label"] == "zhangsan"
    for model in apps.get_models():
        for row in model.objects.values_list():
            assert not holds(FIRST_PASSWORD, row), model
    # The table is a zip: what it says is not to be read in its parts either.
    assert not zipfile.is_zipfile(io.BytesIO(bytes(upload.content)))
    assert zipfile.is_zipfile(upload.opened())


def test_what_a_table_of_text_says_cannot_be_read_either(office, cast):
    content = f"用户名,姓名,初始密码\nzhangsan,张三,{FIRST_PASSWORD}\n".encode()

    office.post(address("upload", "people"), {"file": SimpleUploadedFile("人员.csv", content)})

    assert did_of(ImportFile.objects.get()) == ["new"]
    assert not any(holds(FIRST_PASSWORD, row) for row in ImportFile.objects.values_list())


@pytest.mark.django_db(transaction=True)
def test_first_passwords_of_an_upload_are_not_in_a_backup(office, cast, tmp_path, settings):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    content = f"用户名,姓名,初始密码\nzhangsan,张三,{FIRST_PASSWORD}\n".encode()
    office.post(address("upload", "people"), {"file": SimpleUploadedFile("人员.csv", content)})

    backup.write(tmp_path / "backup.zip", at=NOW)

    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert "tables/office.ImportFile.jsonl" not in parts
    assert not [name for name, part in parts.items() if holds(FIRST_PASSWORD, [part])]


def test_upload_is_gone_after_a_day_or_with_the_servers_key(office, cast, unconfirmed, settings):
    there = unconfirmed.redirect_chain[-1][0]
    key = settings.SECRET_KEY
    assert office.get(there).status_code == 200

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [key]
    assert ImportFile.objects.get().is_readable
    settings.SECRET_KEY_FALLBACKS = []
    assert not ImportFile.objects.get().is_readable
    settings.SECRET_KEY = key
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        office.force_login(User.objects.get(pk=cast.plan_admin.pk))
        assert office.get(there).status_code == 404
        assert ImportFile.objects.exists()
        run_tasks()
    assert not ImportFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_uploads_of_earlier_versions_are_not_left_in_clear(cast):
    """The upgrade deletes what may hold a password; what else was taken in stays."""
    common = {"court": cast.measure.plan.court, "plan": cast.measure.plan, "by": cast.plan_admin, "at": NOW}
    for table, done_at in (("people", None), ("people", NOW), ("nodes", None), ("nodes", NOW)):
        content = b"" if done_at else FIRST_PASSWORD.encode()
        outcomes = [{"number": 2, "label": FIRST_PASSWORD if table == "people" else "1.1", "did": "new", "errors": []}]
        ImportFile.objects.create(
            table=table, name="表.csv", content=content, outcomes=outcomes, done_at=done_at, **common
        )
    migration = import_module("apps.office.migrations.0003_delete_uploads_in_clear")

    with connection.schema_editor() as editor:
        migration.delete_uploads_in_clear(apps, editor)

    assert [(row.table, row.done_at) for row in ImportFile.objects.all()] == [("nodes", NOW)]
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert FIRST_PASSWORD.encode() not in Path(connection.settings_dict["NAME"]).read_bytes()


def holds(text, values):
    """Whether any of the values contains the text, as it is or in base64, wherever it begins there."""
    content = "".join(bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in values)
    encoded = [base64.b64encode(b"-" * n + text.encode()).decode()[n + 1 : -4] for n in range(3)]
    return any(form in content for form in (text, *encoded))


def did_of(upload):
    return [outcome["outcome"] for outcome in upload.outcomes]


WORDS = ("pillars", "goals", "programmes", "measures")


@pytest.mark.parametrize("table", WORDS)
def test_plans_words_come_in_only_while_it_is_a_draft(office, cast, table):
    file = SimpleUploadedFile("表.xlsx", workbook_of(HEADS[table], [["1"]]))

    assert office.post(address("upload", table), {"file": file}).status_code == 403
    listed = {table["table"].slug: table["is_open"] for table in office.get(address("tables")).context["tables"]}
    shared = {"ranges"}  # of all courts here, and this one is not above the others
    assert listed == {slug: slug not in {*WORDS, *shared} for slug in TABLES}


def test_readings_come_in_only_while_the_plan_is_open(office, cast):
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)

    listed = {entry["table"].slug: entry["is_open"] for entry in office.get(address("tables")).context["tables"]}

    assert listed == {slug: slug not in {"readings", "ranges"} for slug in TABLES}
    assert office.get(address("upload", "readings")).status_code == 403


def test_indicator_of_an_open_plan_is_added_but_not_changed(office, cast):
    IndicatorFactory(measure=cast.measure, code="1.1-1", name="原名")
    head = ["编号", "举措编号", "指标", "类型"]

    page = send(office, "indicators", head, [["1.1-1", "1.1", "改名", "不低于"], ["1.1-2", "1.1", "新的", "不低于"]])

    assert did(page) == {"new": 1, "failed": 1}


def test_ranges_come_in_with_the_paper_they_are_from(office, cast):
    Court.objects.exclude(pk=cast.measure.plan.court_id).update(parent=cast.measure.plan.court)  # above all here
    IndicatorSet.objects.create(name="体系", version="一", source_document="文件", valid_from=date(2024, 1, 1))
    head = ["指标体系", "版本", "指标", "参考区间下限", "参考区间上限", "区间依据文件", "文件日期"]
    good = ["体系", "一", "上诉率", 5, "１０", "某号文", "2024年9月1日"]

    take(office, send(office, "ranges", head, [good]))

    entry = SetEntry.objects.get()
    assert (entry.low, entry.high, entry.document, entry.document_date) == (5, 10, "某号文", date(2024, 9, 1))
    assert did(send(office, "ranges", head, [good])) == {"same": 1}
    for wrong, sentence in (
        (["体系", "二", "上诉率", 5, 10, "某号文", "2024-09-01"], "没有这个名称和版本"),
        (["体系", "一", "结案率", 5, 10, None, None], "依据文件"),
        (["体系", "一", "结案率", 10, 5, "某号文", "2024-09-01"], "上限不能小于下限"),
    ):
        assert sentence in str(send(office, "ranges", head, [wrong]).context["failed"])


@pytest.mark.parametrize("name", ["leader", "reviewer", "reporter", "inspector", "outsider"])
def test_tables_are_taken_in_by_the_office_only(client, cast, name):
    client.force_login(getattr(cast, name))

    for path in (address("tables"), address("upload", "readings"), address("template", "people")):
        assert client.get(path).status_code in (403, 404)


def test_upload_of_one_is_not_anothers(office, cast, client):
    page = send(office, *WHOLE_PLAN[0])
    other = User.objects.create_superuser("chief", name="管理", password="x")
    client.force_login(other)

    assert client.get(page.redirect_chain[-1][0]).status_code == 404


@pytest.mark.parametrize("table", TABLES)
def test_empty_table_to_fill_in_is_understood_again(office, table):
    sheet = read_table(io.BytesIO(office.get(address("template", table)).content), name="t.xlsx")

    assert list(sheet.columns) == HEADS[table]
    assert len(sheet.rows) == 1


def test_long_table_tells_how_far_it_is_and_can_be_left(office, cast):
    head = ["网址代码", "名称", "排列次序"]
    rows = [[f"d{n}", f"部门{n}", 1000 + n] for n in range(400)]
    file = SimpleUploadedFile("表.xlsx", workbook_of(head, rows))

    answer = office.post(address("upload", "departments"), {"file": file})
    text = b"".join(answer.streaming_content).decode()

    assert '<progress value="350" max="400">' in text
    assert "处理完毕" in text
    there = ImportFile.objects.get()
    assert len(there.outcomes) == 400
    left = office.post(address("table_import", there.pk))
    parts = left.streaming_content
    next(parts)
    next(parts)
    left._iterator.close()  # what a server does when the browser is gone
    assert not Department.objects.filter(slug="d0").exists()
    b"".join(office.post(address("table_import", there.pk)).streaming_content)
    assert Department.objects.filter(slug__startswith="d").count() >= 400


def test_english_page_takes_a_chinese_table(office, draft):
    office.cookies["django_language"] = "en"

    assert did(send(office, *WHOLE_PLAN[0])) == {"new": 2}


# Reading what people send


def book(fill, name="表.xlsx"):
    workbook = Workbook()
    fill(workbook)
    buffer = io.BytesIO()
    workbook.save(buffer)
    buffer.seek(0)
    return read_table(buffer, name=name)


def filled(workbook):
    sheet = workbook.active
    sheet.append(["编号", "数值"])
    sheet.append(["1.1", 0.1])
    return sheet


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda book: filled(book).append(["1.2", "=1+1"]), "B3 是公式"),
        (lambda book: filled(book).merge_cells("A2:A3"), "A2:A3 是合并的单元格"),
        (lambda book: filled(book).append(["1.2", "#DIV/0!"]), "B3 是错误值"),
        (lambda book: filled(book).cell(row=1, column=3, value="编号"), "出现了两次"),
        (lambda book: None, "没有内容"),
    ],
)
def test_what_would_be_guesswork_is_refused_by_name(spoil, sentence):
    with pytest.raises(BadUploadError, match=sentence):
        book(spoil)


def test_hidden_and_other_sheets_are_named():
    def fill(workbook):
        filled(workbook)
        workbook.create_sheet("旧的").sheet_state = "hidden"
        other = workbook.create_sheet("别的")
        other.append(["甲"])
        other.append(["乙"])

    sheet = book(fill)

    assert sheet.rows[0].cells == {"编号": "1.1", "数值": Decimal("0.1")}
    assert [("旧的" in note, "别的" in note) for note in sheet.notes] == [(True, False), (False, True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_each_encoding(encoding, delimiter):
    text = f"编号{delimiter}名称\r\n\r\n１.１{delimiter}“甲”\u3000\r\n"

    sheet = read_table(io.BytesIO(text.encode(encoding)), name="表.csv")

    assert (sheet.columns, sheet.rows[0].number, sheet.rows[0].cells["名称"]) == (("编号", "名称"), 3, "“甲”")
    assert cells.code(sheet.rows[0].cells["编号"]) == "1.1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空的"),
        (b"PK\x03\x04 not a zip", "损坏"),
        (b"\xd0\xcf\x11\xe0old", "旧格式"),
        (b"a,b\n\xff\xfe\xfa", "读不出"),
        (b"a\x00b,c\n1,2", "Excel"),
        (("甲," * 70 + "\n").encode(), "列"),
    ],
)
def test_what_is_no_table_is_refused(content, sentence):
    with pytest.raises(BadUploadError, match=sentence):
        read_table(io.BytesIO(content), name="表.xlsx")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-06-30", date(2025, 6, 30)),
        ("2025/6/3", date(2025, 6, 3)),
        ("2025.6.3", date(2025, 6, 3)),
        ("２０２５年６月３日", date(2025, 6, 3)),
        ("20250603", date(2025, 6, 3)),
        (Decimal(20250603), date(2025, 6, 3)),
        (None, None),
    ],
)
def test_days_as_people_write_them(typed, meant):
    assert cells.day(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("１，２３４.５", Decimal("1234.5")), ("90%", 90), (Decimal("0.1"), Decimal("0.1")), (" ", None), ("-3", -3)],
)
def test_figures_as_people_write_them(typed, meant):
    assert cells.number(typed.strip() or None if isinstance(typed, str) else typed) == meant
