"""Eight people write at once on the measures of one pillar: nobody is refused, nothing is lost."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from apps.accounts.choices import Role
from apps.audit.selectors import chain_states
from apps.plans.rules import windows_of
from apps.reporting.choices import ReportStatus
from apps.reporting.content import ReportContent
from apps.reporting.models import Report
from apps.reporting.services import save_draft, submit_report
from tests.conftest import at
from tests.factories import MeasureFactory, PillarFactory, PlanFactory, UserFactory

N_WRITERS, N_SAVINGS = 8, 3
NOW = at("2025-06-20 09:00")


@pytest.mark.django_db(transaction=True)
def test_eight_people_write_on_one_pillar_at_once():
    plan = PlanFactory(court__slug="kfq")
    pillar = PillarFactory(plan=plan)
    measures = [MeasureFactory(plan=plan, pillar=pillar, code=f"1.{n}") for n in range(N_WRITERS)]
    writers = [UserFactory(court=plan.court, department=measure.lead, roles=[Role.REPORTER]) for measure in measures]
    window = windows_of(year=2025, cadence="quarterly", grace_days=5)[1]
    gate, refused = Barrier(N_WRITERS), []

    def write(measure, person):
        gate.wait()
        try:
            revision = 0
            for turn in range(N_SAVINGS):
                report = save_draft(
                    measure=measure,
                    department=measure.lead,
                    window=window,
                    content=ReportContent(text=f"{measure.code} {turn}", percent=turn),
                    revision=revision,
                    by=person,
                    at=NOW,
                )
                revision = report.revision
            submit_report(report=report, by=person, at=NOW)
        except Exception as problem:
            refused.append((measure.code, problem))
        finally:
            connection.close()

    threads = [Thread(target=write, args=args) for args in zip(measures, writers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == []
    stand = Report.objects.values_list("measure__code", "status", "text", "revision").order_by("measure__code")
    last = N_SAVINGS - 1
    assert list(stand) == [
        (measure.code, ReportStatus.SUBMITTED, f"{measure.code} {last}", N_SAVINGS) for measure in measures
    ]
    (chain,) = chain_states(["kfq"])
    assert (chain.is_whole, chain.n_events) == (True, N_WRITERS * (N_SAVINGS + 1))
