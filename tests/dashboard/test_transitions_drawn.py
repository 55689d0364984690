from apps.core.workflow import Workflow
from apps.dashboard.management.commands.draw_transitions import PATH, transitions_page
from apps.supervision.choices import ClosingMove, ClosingStatus, SupervisionActor


def test_drawn_page_is_what_the_tables_say():
    assert PATH.read_text(encoding="utf-8") == transitions_page()


def test_drawing_has_every_state_and_every_move():
    workflow = Workflow(
        initial=ClosingStatus.ASKED,
        transitions={ClosingStatus.ASKED: {ClosingMove.CONFIRM: ClosingStatus.CONFIRMED}, ClosingStatus.CONFIRMED: {}},
        actors={ClosingMove.CONFIRM: SupervisionActor.PLAN_ADMIN},
    )

    assert workflow.markdown("销号").splitlines() == [
        "## 销号",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> asked",
        "    asked: 待确认销号",
        "    confirmed: 已销号",
        "    asked --> confirmed: 确认销号",
        "    confirmed --> [*]",
        "```",
        "",
        "| 现在的状态 | 操作 | 由谁 | 之后的状态 |",
        "| --- | --- | --- | --- |",
        "| 待确认销号 | 确认销号 | 计划管理员 | 已销号 |",
    ]
