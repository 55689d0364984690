from datetime import date

import pytest

from apps.supervision import services
from tests.conftest import at

ASKED = at("2025-06-03 09:00")


@pytest.fixture
def instruction(cast):
    return services.instruct(
        measure=cast.measure,
        department=cast.measure.lead,
        text="请说明进展慢的原因",
        answer_by=date(2025, 6, 20),
        by=cast.leader,
        at=ASKED,
    )


@pytest.fixture
def extension(cast):
    return services.ask_extension(
        measure=cast.measure,
        reason="施工延期",
        progress="完成六成",
        new_due=date(2026, 3, 31),
        by=cast.reporter,
        at=ASKED,
    )


@pytest.fixture
def closing(cast):
    return services.ask_closing(
        measure=cast.measure, finished_on=date(2025, 6, 1), result="任务完成", by=cast.reporter, at=ASKED
    )
