"""The office's papers: what a bulletin says, how it is set, what is issued stays, and who may."""

import io
import re
import zipfile
import zlib
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.ledger.models import LedgerEntry
from apps.ledger.services import withdraw_entry
from apps.papers import pdf
from apps.papers.blocks import Grid, Heading, Para, data_of, paper_from
from apps.papers.bulletin import ComparedTree, Scope, Wording, bulletin_of
from apps.papers.choices import PaperKind
from apps.papers.fields import filled, problems_of, sample
from apps.papers.models import Issue, PaperTemplate
from apps.papers.selectors import PaperOptions, check_issue, draft_of
from apps.papers.sentences import REPORT_REMARKS, report_remarks
from apps.papers.services import drop_template, issue_paper, put_template, withdraw_issue
from apps.papers.sheets import workbook_of
from apps.papers.tree_diff import difference_of
from apps.papers.word import word_of
from apps.plans.services import OrderDetails, add_node, order_deadline
from apps.supervision.services import instruct
from tests.conftest import at
from tests.factories import (
    IndicatorFactory,
    MeasureFactory,
    PillarFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
)

NOW = at("2025-08-15 10:00")
ON, SINCE = date(2025, 8, 15), date(2025, 6, 30)


@pytest.fixture(autouse=True)
def august():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan(cast):
    """Two pillars: one measure on its way with an indicator, one late that has moved its day."""
    plan = cast.measure.plan
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", unit="份")
    TargetFactory(indicator=indicator, low=18)
    for value, day in ((7, "2025-06-20"), (9, "2025-08-01")):
        ReadingEntryFactory(
            indicator=indicator, value=value, speaks_of=date.fromisoformat(day), accepted_at=at(f"{day} 18:00")
        )
    for percent, day in ((40, "2025-06-20"), (65, "2025-08-10")):
        ProgressEntryFactory(
            measure=cast.measure,
            percent=percent,
            text=f"办到{percent}",
            speaks_of=date.fromisoformat(day),
            accepted_at=at(f"{day} 18:00"),
        )
    late = MeasureFactory(plan=plan, pillar=PillarFactory(plan=plan, number=90), code="2.1", title="慢的一项")
    ProgressEntryFactory(
        measure=late,
        percent=5,
        text="刚开始",
        problems="缺人手",
        help_from="区财政局",
        next_steps="抽调两人",
        speaks_of=date(2025, 8, 10),
        accepted_at=at("2025-08-11 09:00"),
    )
    for due in (date(2025, 10, 31), date(2025, 11, 30)):
        order_deadline(
            measure=late,
            due=due,
            details=OrderDetails(
                reason="调整", effective_from=date(2025, 2, 1), by=cast.plan_admin, at=at("2025-02-01 09:00")
            ),
        )
    return plan


def made(plan, *, on=ON, **more):
    earlier = ComparedTree(tree=document_of(standing_of(plan, on=SINCE)), name="2025年6月30日")
    return bulletin_of(standing_of(plan, on=on), earlier=earlier, basis="截至2025年8月15日", **more)


def text_of(paper, key):
    part = next(part for part in paper.parts if part.key == key)
    return "\n".join(
        block.text if isinstance(block, Heading) else block.lead + block.text
        for block in part.blocks
        if isinstance(block, Heading | Para)
    )


# What it says


def test_bulletin_tells_it_in_the_order_of_such_papers(plan):
    paper = made(plan)

    heads = [block.text for block in paper.blocks if isinstance(block, Heading) and block.level == 1]
    assert [re.sub("　.*", "", head) for head in heads] == [
        "一、总体情况",
        "二、已完成",
        "三、正常推进",
        "四、滞后及原因",
        "五、下步要求",
        "附件1",
        "附件2",
        "附件3",
    ]
    assert "举措2项、指标1项。截至2025年8月15日" in text_of(paper, "overall")
    assert "截至2025年8月15日，没有已完成的举措。" in text_of(paper, "done")


def test_what_is_late_has_its_figures_its_reason_and_its_days(plan):
    text = text_of(made(plan), "late")

    assert "已报 5%" in text
    assert "存在问题：缺人手。需区财政局协调。下一步：抽调两人。" in text
    assert "原定2025年12月31日完成，现定2025年11月30日，已调整2次。" in text


def test_each_remark_of_a_report_has_its_sentence():
    sentences = report_remarks(LedgerEntry(**{name: f"[{name}]" for name in REPORT_REMARKS}))

    assert [re.search(r"\[(.*)\]", sentence)[1] for sentence in sentences] == REPORT_REMARKS


def test_a_day_moved_to_a_working_day_is_ahead_until_then(plan, cast):
    saturday = date(2025, 8, 16)
    details = OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-02 09:00"))
    add_node(measure=cast.measure, title="方案印发", due=saturday, details=details)

    assert "方案印发（2025年8月18日）" in text_of(made(plan, on=date(2025, 8, 17)), "next")
    assert "方案印发" not in text_of(made(plan, on=date(2025, 8, 19)), "next")


def test_changes_are_told_since_the_day_compared_with(plan):
    paper = made(plan)

    assert "与2025年6月30日相比" in text_of(paper, "overall")
    checkup = next(grid for grid in paper.grids if grid.name == "指标体检表")
    assert checkup.rows[0][3:7] == ("≥ 18 份", "", "9 份", "+2")


def test_a_measure_without_a_department_has_an_empty_cell_in_every_table(plan):
    plan.measures.update(lead=None)

    cells = {
        (grid.name, row[index])
        for grid in made(plan).grids
        for index in [number for number, column in enumerate(grid.columns) if column.name == "牵头部门"]
        for row in grid.rows
    }

    assert {name for name, _cell in cells} >= {"指标体检表", "举措进展一览表"}
    assert {cell for _name, cell in cells} == {""}


def test_a_scope_leaves_out_what_is_not_in_it(plan, cast):
    paper = made(plan, scope=Scope(pillars=frozenset({90})))

    assert "慢的一项" in "".join(block.text + block.lead for block in paper.blocks if isinstance(block, Para))
    assert cast.measure.title not in str(data_of(paper))
    assert "本通报涉及" in text_of(paper, "overall")
    by_department = made(plan, scope=Scope(departments=frozenset({cast.measure.lead.slug})))
    assert "慢的一项" not in str(data_of(by_department))


def test_the_office_adds_its_own_words(plan):
    paper = made(plan, wording=Wording(title="八月通报", demands="第一条\n\n 第二条 ", signature="督查室"))

    text = text_of(paper, "next")
    assert (paper.title, paper.signature, paper.dated) == ("八月通报", "督查室", "2025年8月15日")
    assert re.findall(r"\d+\. 第.条", text) == [f"{n}. 第{word}条" for n, word in zip(*_last_two(text), strict=True)]


def _last_two(text):
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.M)]
    return numbers[-2:], "一二"


def test_open_instructions_are_named_and_listed(plan, cast):
    instruct(
        measure=cast.measure,
        department=cast.measure.lead,
        text="抓紧",
        answer_by=date(2025, 8, 13),
        by=cast.leader,
        at=at("2025-08-01 09:00"),
    )

    paper = made(plan)

    assert "院领导批示待答复1件，其中逾期1件，见批示办理情况表。" in text_of(paper, "next")
    grid = next(grid for grid in paper.grids if grid.name == "批示办理情况表")
    assert grid.rows[0][2] == "抓紧"
    assert "逾期" in grid.rows[0][6]


def test_an_empty_plan_makes_a_paper_too(cast):
    paper = made(cast.measure.plan)

    assert "待补数据" in text_of(paper, "late") or "未到期" in text_of(paper, "on_track")
    assert Document(io.BytesIO(word_of(paper))).paragraphs[0].text == paper.title


def test_a_paper_is_kept_in_plain_values_and_read_back(plan):
    for kind in (PaperKind.BULLETIN, PaperKind.LEDGER, PaperKind.BREAKDOWN, PaperKind.YEAR):
        paper = draft_of(plan, kind, PaperOptions(on=ON, known=NOW, basis="")).paper
        assert paper_from(data_of(paper)) == paper


# How it is set


def test_word_file_is_set_as_the_standard_says(plan):
    document = Document(io.BytesIO(word_of(made(plan))))

    first = document.sections[0]
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    assert (round(first.top_margin.mm), round(first.left_margin.mm)) == (37, 28)
    assert first.page_width - first.left_margin - first.right_margin == pytest.approx(Mm(156), abs=2000)
    assert first.page_height - first.top_margin - first.bottom_margin == pytest.approx(Mm(225), abs=2000)
    fonts = {}
    for name in ("Title", "Heading 1", "Heading 2", "Body Text"):
        style = document.styles[name]
        found = style.element.rPr.find(qn("w:rFonts"))
        assert not any("Theme" in attribute for attribute in found.attrib)
        fonts[name] = (found.get(qn("w:eastAsia")), style.font.size, style.paragraph_format.line_spacing)
    assert fonts == {
        "Title": ("方正小标宋简体", Pt(22), Pt(36)),
        "Heading 1": ("黑体", Pt(16), Pt(28)),
        "Heading 2": ("楷体_GB2312", Pt(16), Pt(28)),
        "Body Text": ("仿宋_GB2312", Pt(16), Pt(28)),
    }
    indent = document.styles["Body Text"].element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    assert round(document.sections[-1].page_width.mm) == 297
    assert "— " in first.footer.paragraphs[0].text
    assert "PAGE" in first.footer._element.xml
    assert document.settings.odd_and_even_pages_header_footer


def test_tables_repeat_their_head_and_tear_no_row(plan):
    document = Document(io.BytesIO(word_of(made(plan))))

    for table in document.tables:
        first, *rest = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rest)


def test_the_same_paper_is_the_same_file(plan):
    paper = draft_of(plan, PaperKind.LEDGER, options()).paper
    with time_machine.travel(at("2025-08-15 10:00")):
        first = word_of(made(plan))
    with time_machine.travel(at("2031-01-01 10:00")):
        other = word_of(made(plan))

    assert first == other
    with time_machine.travel(at("2025-08-15 10:00")):
        book = workbook_of(paper)
    with time_machine.travel(at("2031-01-01 10:00")):
        assert workbook_of(paper) == book
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_signs_that_no_office_file_may_hold_are_left_out(plan, cast):
    paper = made(plan, wording=Wording(title="甲\x0b乙<&>", demands="=1+1"))

    assert Document(io.BytesIO(word_of(paper))).paragraphs[0].text == "甲乙<&>"


def test_pdf_is_tagged_and_brings_its_fonts(plan):
    assert pdf.missing() == (), "PDF 需要 pango 和中文字体：见 README"
    content = pdf.pdf_of(made(plan))

    opened = content + b"".join(
        _inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S)
    )
    assert content.startswith(b"%PDF-")
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"/FontFile", b"pdfuaid"):
        assert mark in opened, mark


def _inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_where_no_pdf_can_be_made_the_page_to_print_comes(client, plan, cast, monkeypatch):
    monkeypatch.setenv("PATH", "")  # a machine without fontconfig, and so without a font anybody knows of
    pdf.missing.cache_clear()
    client.force_login(cast.leader)

    page = client.get(reverse("papers:papers", args=["kfq", 2025]))
    instead = client.get(reverse("papers:file", args=["kfq", 2025, "bulletin", "pdf"]))

    pdf.missing.cache_clear()
    assert "fonts-noto-cjk" in page.content.decode()
    assert instead["Content-Type"].startswith("text/html")
    assert "一、总体情况" in instead.content.decode()


# Issues


def options(**more):
    return PaperOptions(**{"on": ON, "known": NOW, "basis": "截至2025年8月15日", **more})


def issued(cast, **more):
    return issue_paper(
        plan=cast.measure.plan, kind=PaperKind.BULLETIN, options=options(**more), by=cast.plan_admin, at=NOW
    )


def test_an_issue_stays_to_the_letter_whatever_is_learnt_later(client, plan, cast):
    issue = issued(cast)
    client.force_login(cast.reporter)
    path = reverse("papers:issue_file", args=["kfq", 2025, 1, "docx"])
    before = client.get(path).content

    entry = LedgerEntry.objects.filter(measure=cast.measure, percent=65).get()
    withdraw_entry(entry=entry, reason="报错了", by=cast.plan_admin, at=at("2025-08-20 09:00"))
    ProgressEntryFactory(
        measure=cast.measure, percent=70, speaks_of=date(2025, 8, 12), accepted_at=at("2025-08-20 09:30")
    )
    with time_machine.travel(at("2031-01-01 10:00")):
        client.force_login(cast.reporter)
        after = client.get(path).content
        page = client.get(issue.get_absolute_url()).content.decode()

    assert before == after
    assert "报错了" in page
    assert "又确认了 1 条" in page
    assert "报错了" not in str(Issue.objects.get().paper)
    now = check_issue(Issue.objects.get())
    assert (now.is_whole, now.is_same_when_judged_again, len(now.withdrawn), now.n_later) == (True, True, 1, 1)


def test_the_same_paper_twice_is_one_issue(plan, cast):
    first = issued(cast)

    assert issued(cast) == first
    assert issued(cast, wording=Wording(title="另一份")).number == 2
    assert AuditEvent.objects.filter(action="paper.issued").count() == 2


def test_an_issue_compares_with_the_one_before_and_not_with_one_withdrawn(plan, cast):
    issue_paper(
        plan=plan,
        kind=PaperKind.BULLETIN,
        options=options(on=date(2025, 7, 10), known=at("2025-07-10 20:00")),
        by=cast.plan_admin,
        at=at("2025-07-10 20:00"),
    )
    second = issued(cast)
    assert second.since == date(2025, 7, 10)
    assert "与上期通报（截至2025年7月10日）相比" in str(second.paper)

    withdraw_issue(issue=Issue.objects.get(number=1), reason="有误", by=cast.plan_admin, at=NOW)

    assert draft_of(plan, PaperKind.BULLETIN, options()).since == date(2025, 7, 31)
    with pytest.raises(ValidationError):
        withdraw_issue(issue=Issue.objects.get(number=1), reason="再次", by=cast.plan_admin, at=NOW)


@pytest.mark.parametrize("who", ["reporter", "reviewer", "leader", "inspector", "outsider"])
def test_only_the_plans_office_issues(client, plan, cast, who):
    person = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        issue_paper(plan=plan, kind=PaperKind.LEDGER, options=options(), by=person, at=NOW)
    issue = issued(cast)
    with pytest.raises(PermissionDenied):
        withdraw_issue(issue=issue, reason="试试", by=person, at=NOW)
    with pytest.raises(PermissionDenied):
        put_template(court=plan.court, file=upload(sample()), name="t.docx", by=person, at=NOW)
    client.force_login(person)
    response = client.post(reverse("papers:paper", args=["kfq", 2025, "ledger"]), {"act": "issue"})
    assert response.status_code == (404 if who == "outsider" else 403)
    without_reason = client.post(reverse("papers:issue_withdraw", args=["kfq", 2025, issue.number]))
    assert without_reason.status_code == response.status_code
    assert Issue.objects.count() == 1


def test_a_changed_row_is_found(plan, cast):
    issue = issued(cast)
    issue.paper["title"] = "改过的"

    assert not check_issue(issue).is_whole


def test_two_issues_are_compared(client, plan, cast):
    issue_paper(
        plan=plan,
        kind=PaperKind.LEDGER,
        options=options(on=SINCE, known=at("2025-06-30 23:00")),
        by=cast.plan_admin,
        at=at("2025-06-30 23:00"),
    )
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 28),
        details=OrderDetails(reason="提前", effective_from=ON, by=cast.plan_admin, at=NOW),
    )
    issued(cast)
    client.force_login(cast.inspector)

    page = client.get(reverse("papers:issue_compare", args=["kfq", 2025, 2]), {"with": "1"}).content.decode()
    missing = client.get(reverse("papers:issue_compare", args=["kfq", 2025, 2]), {"with": "x"})

    assert "+25" in page
    assert "2025-12-31 → 2025-11-28" in page
    assert "7 → 9" in page
    assert missing.status_code == 404


def test_difference_knows_what_was_and_is_not_there():
    def tree(*measures, percent="10"):
        return {"percent": percent, "pillars": [{"measures": list(measures)}], "goals": []}

    def measure(code, light="on_track", percent="1", due="2025-12-31", indicators=()):
        return {
            "code": code,
            "title": code,
            "light": light,
            "percent": percent,
            "due": due,
            "indicators": list(indicators),
        }

    before = tree(measure("1"), measure("2", light="late"), measure("3", percent=None))
    after = tree(measure("1", light="watch"), measure("2", light="done", percent="100"), measure("4"), percent=None)

    found = difference_of(before, after)

    assert [pair.after["code"] for pair in found.turned] == ["1", "2"]
    assert [(measure["code"], by) for measure, by in found.percents] == [("2", Decimal(99))]
    assert ([row["code"] for row in found.added], [row["code"] for row in found.gone]) == (["4"], ["3"])
    assert found.percent is None
    assert difference_of(before, before).is_empty


# Pages


PATHS = [
    ("papers", []),
    ("paper", ["bulletin"]),
    ("paper", ["ledger"]),
    ("paper", ["breakdown"]),
    ("paper", ["year"]),
    ("print", ["bulletin"]),
    ("file", ["bulletin", "docx"]),
    ("file", ["ledger", "docx"]),
    ("file", ["year", "xlsx"]),
    ("pillar", [90, "docx"]),
    ("pillar", [90, "html"]),
    ("dossier", ["1.1", "docx"]),
    ("issue", [1]),
    ("issue_file", [1, "docx"]),
    ("issue_file", [1, "html"]),
]


@pytest.mark.parametrize(("name", "more"), PATHS)
def test_papers_are_for_those_who_see_the_plan(client, plan, cast, name, more):
    issued(cast)
    path = reverse(f"papers:{name}", args=["kfq", 2025, *more])

    seen = {}
    for who in ("reporter", "leader", "inspector", "plan_admin", "outsider"):
        client.force_login(getattr(cast, who))
        seen[who] = client.get(path).status_code

    assert seen == {"reporter": 200, "leader": 200, "inspector": 200, "plan_admin": 200, "outsider": 404}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("paper", ["pillar"]),
        ("paper", ["nothing"]),
        ("file", ["bulletin", "xlsx"]),
        ("file", ["ledger", "exe"]),
        ("pillar", [99, "pdf"]),
        ("dossier", ["9.9", "docx"]),
        ("issue", [7]),
        ("issue_file", [1, "xlsx"]),
    ],
)
def test_what_there_is_not_is_not_found(client, plan, cast, name, more):
    issued(cast)
    client.force_login(cast.leader)

    assert client.get(reverse(f"papers:{name}", args=["kfq", 2025, *more])).status_code == 404


def test_issuing_from_the_page(client, plan, cast):
    client.force_login(cast.plan_admin)
    path = reverse("papers:paper", args=["kfq", 2025, "bulletin"]) + "?on=2025-08-01"
    words = {"title": "七月通报", "demands": "各部门对照整改。", "signature": "督查室", "since": "2025-06-30"}

    preview = client.post(path, {**words, "act": "preview"})
    file = client.post(path, {**words, "act": "docx"})
    assert "各部门对照整改。" in preview.content.decode()
    assert not Issue.objects.exists()
    assert Document(io.BytesIO(file.content)).paragraphs[0].text == "七月通报"
    done = client.post(path, {**words, "act": "issue"}, follow=True)

    issue = Issue.objects.get()
    assert "已印发，编为第1号。" in done.content.decode()
    assert (issue.title, issue.on, issue.since, issue.made_by) == (
        "七月通报",
        date(2025, 8, 1),
        date(2025, 6, 30),
        cast.plan_admin,
    )
    taken = client.post(reverse("papers:issue_withdraw", args=["kfq", 2025, 1]), {"reason": "标题有误"}, follow=True)
    assert "标题有误" in taken.content.decode()


def test_a_day_that_cannot_be_compared_with_is_said_where_it_was_typed(client, plan, cast):
    client.force_login(cast.plan_admin)
    path = reverse("papers:paper", args=["kfq", 2025, "bulletin"])

    response = client.post(path, {"since": "2025-09-30", "title": "留着我", "act": "issue"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "对比日期应在计划开始之后" in page
    assert "留着我" in page
    assert not Issue.objects.exists()


def test_an_issue_is_chinese_whatever_the_reader_has_chosen(client, plan, cast):
    client.force_login(cast.plan_admin)
    client.cookies["django_language"] = "en"

    client.post(reverse("papers:paper", args=["kfq", 2025, "bulletin"]), {"act": "issue"})

    issue = Issue.objects.get()
    assert "一、总体情况" in str(issue.paper)
    assert issue.paper["basis"] == "截至今天（2025年8月15日）"


@pytest.mark.parametrize("n_more", [1, 3])
@pytest.mark.parametrize(
    ("name", "more", "n_queries"), [("papers", [], 9), ("paper", ["bulletin"], 24), ("issue", [1], 22)]
)
def test_pages_take_the_same_number_of_queries(
    client, plan, cast, django_assert_num_queries, name, more, n_queries, n_more
):
    issued(cast)
    for _number in range(n_more):
        ProgressEntryFactory(measure=MeasureFactory(plan=plan, pillar=cast.measure.pillar), accepted_at=NOW)
        issue_paper(plan=plan, kind=PaperKind.LEDGER, options=options(basis=str(_number)), by=cast.plan_admin, at=NOW)
    client.force_login(cast.leader)

    with django_assert_num_queries(n_queries):
        client.get(reverse(f"papers:{name}", args=["kfq", 2025, *more]))


# The court's own template


def upload(content, name="t.docx"):
    return SimpleUploadedFile(name, content)


def template(*texts, table="", footer=""):
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    if table:
        document.add_table(1, 1).cell(0, 0).text = table
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (template("{{标题}}", "{{正文}}", footer="{{日期}}"), ""),
        (template("{{标体}}", "{{正文}}"), "模板中的字段“{{标体}}”不认识。"),
        (template("{{标题}}"), "模板里没有放正文的字段"),
        (template("前言 {{正文}}"), "须单独成段"),
        (template("{{正文}}", table="{{附件}}"), "须单独成段"),
        (template("{{正文}}", "{{标题"), "字段没有写完整"),
        (b"PK\x03\x04 nothing", "打不开"),
        (sample(), ""),
    ],
)
def test_a_template_is_refused_by_the_name_of_what_is_wrong(content, problem):
    found = problems_of(content)

    assert (not found) if not problem else any(problem in sentence for sentence in found)


def test_a_template_is_filled_whatever_runs_word_has_cut_it_into(plan):
    document = Document()
    cut = document.add_paragraph()
    for piece in ("关于{", "{标", "题}}的报告"):
        cut.add_run(piece)
    document.add_paragraph("{{ 滞后及原因 }}")
    document.add_paragraph("{{滞后表}}")
    document.add_table(1, 1).cell(0, 0).text = "{{日期}}"
    document.sections[0].footer.paragraphs[0].text = "{{落款}}"
    buffer = io.BytesIO()
    document.save(buffer)

    paper = made(plan, wording=Wording(title="进展", signature="督查室"))
    out = Document(io.BytesIO(filled(buffer.getvalue(), paper)))

    texts = [paragraph.text for paragraph in out.paragraphs]
    assert texts[0] == "关于进展的报告"
    assert "四、滞后及原因" in texts
    assert any("存在问题：缺人手" in text for text in texts)
    assert not any("{{" in text for text in texts)
    assert [table.cell(0, 0).text for table in out.tables] == ["序号", "2025年8月15日"]
    assert out.sections[0].footer.paragraphs[0].text == "督查室"


def test_a_template_goes_into_use_and_issues_keep_theirs(client, plan, cast):
    client.force_login(cast.plan_admin)
    path = reverse("papers:template", args=["kfq", 2025])
    refused = client.post(path, {"file": upload(template("{{正文}}", "{{错}}"))})
    assert refused.status_code == 422
    assert "“{{错}}”" in refused.content.decode()
    assert client.post(path, {"file": upload(b"x", "t.docx")}).status_code == 422

    client.post(path, {"file": upload(template("本院版式", "{{正文}}"), "版式.docx")})
    issue = issued(cast)
    client.post(path, {"file": upload(template("新版式", "{{正文}}"))})
    drop_template(court=plan.court, by=cast.plan_admin, at=NOW)

    file = client.get(reverse("papers:issue_file", args=["kfq", 2025, issue.number, "docx"]))
    assert Document(io.BytesIO(file.content)).paragraphs[0].text == "本院版式"
    assert PaperTemplate.objects.filter(ended_at__isnull=True).count() == 0
    assert client.get(reverse("papers:template_file", args=["kfq", 2025])).status_code == 200
    fresh = client.get(reverse("papers:file", args=["kfq", 2025, "bulletin", "docx"]))
    assert Document(io.BytesIO(fresh.content)).paragraphs[0].text != "新版式"


def test_grids_are_never_empty_of_columns(plan):
    for kind in (PaperKind.LEDGER, PaperKind.BREAKDOWN, PaperKind.YEAR):
        paper = draft_of(plan, kind, options()).paper
        assert all(len(row) == len(grid.columns) for grid in paper.grids for row in grid.rows)
        assert all(isinstance(grid, Grid) for grid in paper.grids)
