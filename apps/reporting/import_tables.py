"""Import of readings from tables, straight into the ledger."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.import_tables import Column, ImportTable, RowOutcome, by_code, row_named
from apps.core import cells
from apps.core.problems import raise_problems
from apps.indicators.choices import Accumulation
from apps.indicators.import_tables import NO_INDICATOR
from apps.indicators.models import Indicator
from apps.indicators.rules import MEASURED
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.permissions import can_write_ledger
from apps.ledger.services import enter_reading
from apps.reporting.rules import ReadingInput, problems_of_reading


class ReadingTable(ImportTable):
    slug, title = "readings", gettext_lazy("读数")
    about = gettext_lazy("直接记入台账，须有数据来源。同一时段已有相同读数的不重复记；数值不同的，请先撤回原来的。")
    columns = (
        Column("code", gettext_lazy("指标编号"), read=cells.code, is_required=True, hint="1.1-1"),
        Column("start", gettext_lazy("起始日期"), read=cells.day, is_required=True, hint="YYYY-01-01"),
        Column("end", gettext_lazy("截止日期"), read=cells.day, is_required=True, hint="YYYY-05-31"),
        Column("value", gettext_lazy("数值"), read=cells.number, hint="80"),
        Column("numerator", gettext_lazy("分子"), read=cells.number),
        Column("denominator", gettext_lazy("分母"), read=cells.number),
        Column("out_of", gettext_lazy("参评总数"), read=cells.whole),
        Column("source", gettext_lazy("数据来源"), is_required=True),
    )
    figures = ("value", "numerator", "denominator", "out_of")
    can_import = staticmethod(can_write_ledger)

    def load(self):
        indicators = Indicator.objects.filter(plan=self.plan)
        self.indicators = by_code(indicators.select_related("plan__court", "measure"))
        # By indicator and period; of one period there may be several in old records.
        self.entries = defaultdict(lambda: defaultdict(list))
        for entry in LedgerEntry.objects.filter(plan=self.plan, kind=EntryKind.READING, withdrawn_at=None):
            self.entries[entry.indicator_id][entry.period_start, entry.speaks_of].append(entry)

    def import_row(self, values):
        indicator = row_named(self.indicators, values["code"], column="code", error=NO_INDICATOR)
        if indicator.kind not in MEASURED:
            raise ValidationError({"code": _("这类指标没有读数。")})
        period = (values["start"], values["end"])
        of_period = self.entries[indicator.pk].get(period, ())
        if any(all(getattr(entry, name) == values[name] for name in self.figures) for entry in of_period):
            return RowOutcome.SAME
        if of_period:
            raise ValidationError({"value": _("这一时段已有不同的读数，请先在台账中撤回。")})
        self._check(indicator, values)
        entry = enter_reading(
            indicator=indicator,
            period_start=values["start"],
            period_end=values["end"],
            by=self.by,
            at=self.at,
            source=values["source"],
            **{name: values[name] for name in self.figures},
        )
        self.entries[indicator.pk][period].append(entry)
        return RowOutcome.NEW

    def _check(self, indicator, values):
        reading = ReadingInput(
            indicator_id=indicator.pk,
            kind=indicator.kind,
            has_parts=indicator.has_parts,
            adds_up=indicator.accumulation != Accumulation.LATEST,
            period_start=values["start"],
            period_end=values["end"],
            source=values["source"],
            **{name: values[name] for name in self.figures},
        )
        if reading.is_empty:
            raise ValidationError({"value": _("请填写数值，或者分子和分母。")})
        problems = problems_of_reading(
            reading,
            first_day=self.plan.starts_on,
            last_day=min(self.plan.ends_on, timezone.localdate(self.at)),
            taken=list(self.entries[indicator.pk]) if reading.adds_up else (),
        )
        # The rules name the fields of the report form, such as reading-7-value.
        raise_problems({key.rpartition("-")[2]: sentence for key, sentence in problems.items()})
