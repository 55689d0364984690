"""Papers about one thing: a measure's whole story, a pillar on one page, the year's months side by side."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.archive import document_of
from apps.assessment.sentences import note_of, rule_of, sentence_of, target_text
from apps.core.figures import chinese_numeral, figure
from apps.core.wording import bracketed, joined, written_day
from apps.dashboard.comparison import year_of
from apps.dashboard.timeline import timeline_of
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Gauge, Grid, GridColumn, Heading, Paper, Para, Part, lit
from apps.papers.choices import PaperKind, Shape
from apps.papers.tables import target_and_value, warning_of
from apps.papers.tree_diff import difference_of
from apps.plans.models import Quote
from apps.reporting.choices import EvidenceKind, ReportStatus
from apps.reporting.models import Evidence

KILOBYTE = 1024


def _columns(*pairs):
    return tuple(GridColumn(name=name, width=width) for name, width in pairs)


def _gauge(label, group):
    percent, expected = group.roll_up.percent, group.expected
    counts = tuple((str(light), str(light.label), n) for light, n in group.roll_up.counts.items() if n)
    if percent is None:
        text = _("%(label)s：暂无数据。") % {"label": label}
    elif expected is None:
        text = _("%(label)s：进度 %(percent)s%%。") % {"label": label, "percent": figure(percent)}
    else:
        text = _("%(label)s：进度 %(percent)s%%，序时应达 %(expected)s%%。") % {
            "label": label,
            "percent": figure(percent),
            "expected": figure(expected),
        }
    return Gauge(label=label, percent=percent, expected=expected, counts=counts, text=text)


# One pillar


def pillar_paper(standing, number, *, before, basis):
    """支柱一页纸: how far the pillar is, what turned, its measures and indicators. None where there is no such pillar."""
    pillar = next((item for item in standing.pillars if item.pillar.number == number), None)
    if pillar is None:
        return None
    codes = {item.measure.code for item in pillar.measures}
    turned = [
        pair for pair in difference_of(document_of(before), document_of(standing)).turned if pair.after["code"] in codes
    ]
    labels = {str(item.verdict.light): item.verdict.light.label for item in (*before.measures, *standing.measures)}
    words = [
        _("%(code)s %(title)s（%(before)s→%(after)s）")
        % {
            "code": pair.after["code"],
            "title": pair.after["title"],
            "before": labels[pair.before["light"]],
            "after": labels[pair.after["light"]],
        }
        for pair in turned
    ]
    since = {"day": written_day(before.on), "names": joined(words)}
    measures = Grid(
        name=_("举措"),
        columns=_columns(
            (_("序号"), 6), (_("举措"), 30), (_("牵头部门"), 14), (_("进度"), 8), (_("序时应达"), 8), (_("状态"), 22)
        ),
        rows=tuple(
            (
                item.measure.code,
                item.measure.title,
                str(item.measure.lead or ""),
                _percent(item.verdict.percent),
                _percent(item.verdict.expected),
                lit(item.verdict.light, note_of(item.verdict)),
            )
            for item in pillar.worst_first
        ),
    )
    indicators = Grid(
        name=_("指标"),
        columns=_columns((_("序号"), 8), (_("指标"), 34), (_("目标值/现值"), 26), (_("达标情况"), 20)),
        rows=tuple(
            (
                indicator.indicator.code,
                indicator.indicator.name,
                target_and_value(indicator),
                lit(indicator.verdict.light, str(indicator.verdict.standing.label)),
            )
            for item in pillar.measures
            for indicator in item.indicators
        ),
    )
    blocks = [
        _gauge(pillar.pillar.short, pillar),
        Para(text=(_("与%(day)s相比：%(names)s。") if words else _("与%(day)s相比，各项举措的状态没有变化。")) % since),
        measures,
        *([indicators] if indicators.rows else []),
    ]
    return Paper(
        kind=PaperKind.PILLAR,
        title=pillar.pillar.title,
        basis=basis,
        warning=warning_of(standing.plan),
        parts=(Part(key="pillar", blocks=tuple(blocks), shape=Shape.A4_PAGE),),
    )


def _percent(number):
    return "—" if number is None else f"{figure(number)}%"


# The year


def year_paper(history, *, today, basis):
    """全年一览表: each measure's light at each month end, replayed as known then."""
    months = [_("%(month)s月") % {"month": month} for month in range(1, 13)]
    rows = [
        (
            row.standing.measure.code,
            row.standing.measure.pillar.short,
            row.standing.measure.title,
            str(row.standing.measure.lead or ""),
            *(lit(cell.light) if cell.light else "" for cell in row.cells),
        )
        for row in year_of(history, today=today)
    ]
    columns = _columns(
        (_("序号"), 6), (_("支柱"), 12), (_("举措"), 50), (_("牵头部门"), 26), *((month, 11) for month in months)
    )
    plan = history.plan
    return Paper(
        kind=PaperKind.YEAR,
        title=_("%(plan)s全年一览表") % {"plan": plan.title},
        basis=basis,
        warning=warning_of(plan),
        parts=(
            Part(
                key="table",
                blocks=(Grid(name=_("全年一览"), columns=columns, rows=tuple(rows)),),
                shape=Shape.A3_PAGE,
            ),
        ),
    )


# One measure


def dossier_of(standing, item, user, *, basis):
    """举措档案: what was promised, how it stands and why, everything that was accepted, said and handed in beside it.

    Of what only some may read, only what `user` may.
    """
    measure = item.measure
    entries = list(
        LedgerEntry.objects.known_at(standing.known)
        .filter(measure=measure, kind__in=(EntryKind.PROGRESS, EntryKind.SUPPORT), speaks_of__lte=standing.on)
        .select_related("department")
        .order_by("speaks_of", "accepted_at")
    )
    sections = (
        (_("基本情况"), _promised(item)),
        (_("状态及依据"), _judged(item)),
        (_("指标"), _measured(item)),
        (_("历次进展"), _reported(entries)),
        (_("大事记"), _happened(measure, user, known=standing.known)),
        (_("佐证材料"), _evidence(measure, known=standing.known)),
    )
    blocks = []
    for number, (title, section_blocks) in enumerate([section for section in sections if section[1]], 1):
        blocks += [
            Heading(level=1, text=_("%(number)s、%(title)s") % {"number": chinese_numeral(number), "title": title})
        ]
        blocks += section_blocks
    return Paper(
        kind=PaperKind.DOSSIER,
        title=f"{measure.code} {measure.title}",
        basis=basis,
        warning=warning_of(standing.plan),
        parts=(Part(key="dossier", blocks=tuple(blocks)),),
    )


def _promised(item):
    measure = item.measure
    quotes = list(Quote.objects.filter(measure=measure).order_by("order").values_list("text", flat=True))
    moved = bracketed(_("原定%(day)s") % {"day": written_day(item.original_due)}) if item.n_moves else ""
    facts = (
        (_("支柱"), measure.pillar.title),
        (_("牵头部门"), str(measure.lead or _("未定"))),
        (_("配合部门"), joined(item.support)),
        (_("分管院领导"), str(measure.leader or _("未定"))),
        (_("起止日期"), f"{written_day(measure.starts_on)}—{written_day(item.due)}{moved}"),
        (_("原文"), "\n".join(quotes)),
    )
    return [
        Grid(
            name=_("基本情况"),
            columns=_columns((_("项目"), 14), (_("内容"), 60)),
            rows=tuple((name, text) for name, text in facts if text),
        ),
    ]


def _judged(item):
    verdict = item.verdict
    facts = [_("状态为%(light)s") % {"light": verdict.light.label}]
    if verdict.percent is not None:
        facts.append(_("进度 %(percent)s%%") % {"percent": figure(verdict.percent)})
    if verdict.expected is not None:
        facts.append(_("序时应达 %(expected)s%%") % {"expected": figure(verdict.expected)})
    blocks = [
        Para(text=pgettext("between remarks", "，").join(facts) + _("。")),
    ]
    for finding in verdict.findings:
        blocks.append(Para(lead=sentence_of(finding, verdict) + _("。"), text=rule_of(finding.code)))
    if item.nodes:
        blocks.append(
            Grid(
                name=_("节点"),
                columns=_columns((_("节点"), 40), (_("时限"), 16), (_("完成日期"), 16)),
                rows=tuple((node.node.title, node.due, node.done_on or _("未完成")) for node in item.nodes),
            )
        )
    return blocks


def _measured(item):
    if not item.indicators:
        return []
    rows = []
    for indicator in item.indicators:
        rows.append(
            (
                indicator.indicator.name,
                target_text(indicator.indicator, indicator.target),
                lit(indicator.verdict.light, str(indicator.verdict.standing.label)),
                "\n".join(_reading(indicator.indicator, fact) for fact in indicator.readings_newest_first),
            )
        )
    return [
        Grid(
            name=_("指标"),
            columns=_columns((_("指标"), 24), (_("目标值"), 16), (_("达标情况"), 16), (_("历次数据"), 30)),
            rows=tuple(rows),
        ),
    ]


def _reading(indicator, fact):
    day = written_day(fact.speaks_of)
    match fact.kind:
        case EntryKind.ACHIEVED:
            return _("%(day)s实现") % {"day": day}
        case EntryKind.JUDGED:
            return _("%(day)s评定为%(verdict)s") % {
                "day": day,
                "verdict": _("达标") if fact.judged_met else _("不达标"),
            }
    parts = f"{figure(fact.numerator)}/{figure(fact.denominator)}" if fact.numerator is not None else ""
    value = figure(fact.value) if fact.value is not None else parts
    beside = bracketed(parts) if fact.value is not None else ""
    return _("截至%(day)s：%(value)s %(unit)s%(parts)s") % {
        "day": day,
        "value": value,
        "unit": indicator.unit,
        "parts": beside,
    }


def _reported(entries):
    if not entries:
        return [Para(text=_("尚无确认的填报。"))]
    blocks = []
    for entry in entries:
        percent = _("，进度 %(percent)s%%") % {"percent": figure(entry.percent)} if entry.percent is not None else ""
        lead = f"{written_day(entry.speaks_of)}{bracketed(entry.department or '')}{percent}" + _("。")
        sentences = [entry.text]
        if entry.problems:
            sentences.append(_("存在问题：%(text)s") % {"text": entry.problems})
        if entry.help_from:
            sentences.append(_("需%(whom)s协调。") % {"whom": entry.help_from})
        if entry.next_steps:
            sentences.append(_("下一步：%(text)s") % {"text": entry.next_steps})
        blocks.append(Para(lead=lead, text=" ".join(" ".join(sentences).split())))
    return blocks


def _happened(measure, user, *, known):
    rows = tuple(
        (timezone.localdate(event.at), str(event.kind.label), event.what, event.by, event.text)
        for event in reversed(timeline_of(measure, user))
        if event.at <= known
    )
    if not rows:
        return []
    return [
        Grid(
            name=_("大事记"),
            columns=_columns((_("日期"), 14), (_("类别"), 12), (_("事项"), 30), (_("经办"), 10), (_("说明"), 26)),
            rows=rows,
        ),
    ]


def _evidence(measure, *, known):
    """What lies beside approved reports: those are the whole court's to see."""
    evidence_rows = (
        Evidence.objects.filter(
            report__measure=measure, report__status=ReportStatus.APPROVED, added_at__lte=known, removed_at__isnull=True
        )
        .select_related("report__department", "added_by")
        .order_by("added_at", "pk")
    )
    rows = tuple(
        (
            evidence.name,
            evidence.get_kind_display(),
            str(evidence.report.department),
            timezone.localdate(evidence.added_at),
            evidence.url
            if evidence.kind == EvidenceKind.LINK
            else f"{-(-evidence.size // KILOBYTE)} KB\nSHA-256 {evidence.sha256}",
        )
        for evidence in evidence_rows
    )
    if not rows:
        return []
    return [
        Grid(
            name=_("佐证材料"),
            columns=_columns(
                (_("名称"), 26), (_("种类"), 8), (_("部门"), 14), (_("添加日期"), 14), (_("大小和校验值，或地址"), 34)
            ),
            rows=rows,
        ),
    ]
