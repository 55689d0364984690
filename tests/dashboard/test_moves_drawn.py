from apps.core.moves import drawing_of
from apps.dashboard.management.commands.draw_moves import PLACE, drawing
from apps.supervision.choices import ClosingMove, ClosingStatus, Mover


def test_drawn_page_is_what_the_tables_say():
    assert PLACE.read_text(encoding="utf-8") == drawing()


def test_drawing_has_every_state_and_every_move():
    drawn = drawing_of(
        "销号",
        begins=ClosingStatus.ASKED,
        moves={ClosingStatus.ASKED: {ClosingMove.CONFIRM: ClosingStatus.CONFIRMED}, ClosingStatus.CONFIRMED: {}},
        movers={ClosingMove.CONFIRM: Mover.PLAN_ADMIN},
    )

    assert drawn.splitlines() == [
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
