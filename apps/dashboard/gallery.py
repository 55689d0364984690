"""What the gallery of components shows: made-up values that put each component through its states."""

from types import SimpleNamespace as Sample

from django import forms
from django.core.paginator import Paginator

from apps.assessment.choices import Light, NodeState
from apps.assessment.templatetags.assessment_tags import Slice
from apps.core.components import render_component
from apps.dashboard.charts import Band, Chart, Mark, Reading, Spark, Stop, YearLine
from apps.dashboard.templatetags.dashboard_tags import measure_labels
from apps.reporting.choices import ReportStatus
from apps.reporting.differences import diff_texts

LONG_NAME = "民事审判第二庭（破产与清算审判庭、知识产权审判庭）"
BRANCHES = "“一支部一品牌”创建，深化融入式党建新实践"
BANKRUPTCY = "加强破产府院联动机制建设，将破产财产处置与服务“三提”工作结合起来，促进招商引资，提高破产财产处置效能"
COUNTS = {Light.LATE: 2, Light.WATCH: 3, Light.NO_DATA: 4, Light.ON_TRACK: 17, Light.NOT_DUE: 2, Light.DONE: 6}


MONTHS = tuple(Mark(str(14 + 692 * month // 12), str(month + 1)) for month in range(12))
CHART = Chart(
    months=tuple(Mark(str(56 + 652 * month // 12), str(month + 1)) for month in range(12)),
    lines=tuple(Mark(str(234 - 55 * step), str(10 * step)) for step in range(5)),
    bands=(Band(x="380", y="69", width="328", height="55"),),
    targets=("56,80 380,80", "380,124 708,124", "380,69 708,69"),
    path="180,212 300,190 430,140 560,100",
    readings=tuple(
        Reading(x=x, y=y, day="2025年6月30日", value="12")
        for x, y in (("180", "212"), ("300", "190"), ("430", "140"), ("560", "100"))
    ),
    today="600",
    zero="234",
)
YEAR_LINE = YearLine(
    months=MONTHS,
    stops=(
        Stop(x="200", state=NodeState.DONE, label="方案定稿"),
        Stop(x="360", state=NodeState.OVERDUE, label="施工完成"),
        Stop(x="640", state=NodeState.PLANNED, label="年度小结"),
    ),
    start="14",
    due="660",
    today="430",
)


class SampleForm(forms.Form):
    """Every kind of field a page of ours may have."""

    ro = forms.CharField(label="报送期", disabled=True, initial="2025年第二季度")
    percent = forms.DecimalField(
        label="完成进度", help_text="到本报送期最后一天为止。", widget=forms.NumberInput(attrs={"data-unit": "%"})
    )
    declared = forms.ChoiceField(
        label="推进情况",
        choices=[("a", "正常推进"), ("b", "需协调"), ("c", "受阻")],
        widget=forms.RadioSelect,
    )
    progress = forms.CharField(label="进展情况", help_text="三五句即可。", widget=forms.Textarea)
    problem = forms.CharField(label="存在问题及需协调", required=False, widget=forms.Textarea)
    lead = forms.ChoiceField(label="牵头部门", choices=[("1", LONG_NAME)])
    depts = forms.MultipleChoiceField(
        label="配合部门",
        required=False,
        choices=[("1", "立案庭"), ("2", "执行局"), ("3", LONG_NAME)],
        widget=forms.CheckboxSelectMultiple,
    )
    day = forms.DateField(label="完成日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    num = forms.DecimalField(label="分子", required=False, widget=forms.NumberInput(attrs={"data-unit": "件"}))
    den = forms.DecimalField(label="分母", required=False, widget=forms.NumberInput(attrs={"data-unit": "件"}))
    nochange = forms.BooleanField(label="本期无变化", required=False)
    file = forms.FileField(label="佐证材料", required=False)


def _bar(percent, expected):
    return {
        "percent_text": percent and f"{percent}%",
        "percent_width": percent,
        "expected_text": f"序时 {expected}%",
        "expected_x": expected,
    }


def _measure_row(code, title, light, lead, due, **inputs):
    inputs |= {"code": code, "title": title, "light": light, "lead": lead, "due": due}
    return render_component("measure_row", labels=measure_labels(), url="#", **inputs)


def samples():
    """The gallery's context."""
    total = sum(COUNTS.values())
    spread, x = [], 0.0
    for light, n in COUNTS.items():
        width = 100 * n / total
        spread.append(Slice(light=light, n=n, x=f"{x:.2f}", width=f"{width:.2f}"))
        x += width
    return {
        "lights": list(Light),
        "statuses": list(ReportStatus),
        "spread": tuple(spread),
        "chart": CHART,
        "year_line": YEAR_LINE,
        "spark": Spark(path="3,21 30,18 55,12 93,4", x="93", y="4"),
        "diff": diff_texts("已召开推进会两次，方案已定稿。", "已召开推进会三次，方案已定稿，开始施工。"),
        "total": total,
        "pillar_cards": [
            render_component(
                "pillar_card",
                number=2,
                title="强化履职担当，服务发展大局",
                url="#",
                light="late",
                note="2 项逾期",
                **_bar("41", "55"),
                spread=spread,
                total=total,
                worst=[
                    Sample(code="2.4", title="加强破产府院联动机制建设", url="#", light=Light.LATE, note="逾期 5 天"),
                    Sample(code="2.5", title="深化知识产权纠纷诉调对接", url="#", light=Light.WATCH, note="今天到期"),
                ],
            ),
            render_component(
                "pillar_card",
                number=5,
                title="强化从严治院，锤炼过硬队伍",
                url="#",
                light="not_due",
                **_bar(None, "0"),
                total=0,
            ),
        ],
        "measure_rows": [
            _measure_row("1-01", BRANCHES, "on_track", "政治部（机关党委）", "2025-12-31", **_bar("62", "50")),
            _measure_row(
                "2-03",
                BANKRUPTCY,
                "late",
                LONG_NAME,
                "2025-06-16",
                **_bar("41", "100"),
                note="逾期 5 天",
                support="配合：执行局、立案庭（诉讼服务中心）",
                original_due="2025-03-31",
                pillar="二 强化履职担当，服务发展大局",
                strength="must",
            ),
            _measure_row(
                "2-05",
                "在中华药港等处建立知识产权司法保护联系点",
                "no_data",
                "民事审判第二庭",
                "2025-09-30",
                **_bar(None, "50"),
                note="本季未报",
                strength="aim",
            ),
        ],
        "findings": [
            Sample(severity=Light.LATE, text="逾期 5 天"),
            Sample(severity=Light.WATCH, text="连续 1 期未报"),
            Sample(severity=None, text="部门报告：需协调"),
        ],
        "condition": [
            Sample(name="数据库", state=Light.ON_TRACK, text="PostgreSQL 15.14，数据 42 MB", hint=""),
            Sample(name="最近的备份", state=Light.WATCH, text="已过去 2 天", hint="请查看定时任务为什么没有执行。"),
            Sample(
                name="防改动机制",
                state=Light.LATE,
                text="没有保护：ledger_ledgerentry",
                hint="请重新装上，并查明原因。",
            ),
        ],
        "facts": [
            Sample(label="牵头部门", value=LONG_NAME, hint=""),
            Sample(label="完成时限", value="2025年6月16日", hint="原定 2025年3月31日，已调整 1 次"),
            Sample(label="最近填报", value=None, hint=""),
        ],
        "crumbs": [Sample(label="看板", url="/"), Sample(label="组件样例", url="")],
        "shortcuts": [Sample(label=f"{month}月底", url="#", is_current=month == 5) for month in range(1, 7)],
        "page_obj": Paginator(range(95), 20).page(2),
        "form": SampleForm(initial={"percent": 41}),
        "form_with_errors": SampleForm({"wrong-percent": "x", "wrong-declared": "b"}, prefix="wrong"),
    }
