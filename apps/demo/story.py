"""What happens in the made-up year, measure by measure. Percents run from the first quarter to the fourth."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from apps.indicators.rules import TargetValues
from apps.ledger.choices import Declared


class Fate(Enum):
    """What becomes of the last quarter's report."""

    APPROVED = auto()
    UNWRITTEN = auto()
    SUBMITTED = auto()
    RETURNED = auto()


@dataclass(frozen=True, kw_only=True)
class Story:
    percents: tuple[int | None, int | None, int | None, int | None] = (40, 65, 88, 100)
    fate: Fate = Fate.APPROVED
    unreported: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    declared: dict[int, Declared] = field(default_factory=dict)
    nodes: tuple[tuple[str, date, date | None], ...] = ()
    closed_on: date | None = None


def day(month, number, year=2025):
    return date(year, month, number)


AHEAD = (42, 68, 90, 100)
STEADY = (38, 63, 86, 100)
SLIPPING = (25, 44, 62, 80)
STUCK = (12, 24, 40, 58)

STORIES = {
    "1.1": Story(percents=AHEAD),
    "1.2": Story(
        nodes=(
            ("党建活动室（干警文化沙龙）布置完成", day(6, 30), day(6, 20)),
            ("文化陈展区设计方案定稿", day(4, 30), day(6, 5)),
            ("文化陈展区施工完成", day(10, 31), None),
        ),
        declared={3: Declared.NEEDS_HELP},
        fate=Fate.UNWRITTEN,
    ),
    "1.3": Story(percents=STEADY),
    "1.4": Story(percents=(60, 100, 100, 100), closed_on=day(7, 10)),
    "1.5": Story(percents=AHEAD, fate=Fate.SUBMITTED),
    "1.6": Story(percents=STEADY, fate=Fate.UNWRITTEN),
    "2.1": Story(percents=STEADY, fate=Fate.UNWRITTEN),
    "2.2": Story(percents=(None, 40, 70, 92), unreported=(1,)),
    "2.3": Story(percents=AHEAD, fate=Fate.SUBMITTED),
    "2.4": Story(percents=SLIPPING, returned=(2,), declared={3: Declared.NEEDS_HELP}),
    "2.5": Story(percents=(45, 80, 100, 100), closed_on=day(11, 25)),
    "2.6": Story(percents=STEADY),
    "3.1": Story(percents=AHEAD),
    "3.2": Story(percents=STEADY, fate=Fate.RETURNED),
    "3.3": Story(percents=(35, 60, None, 85), unreported=(3,)),
    "3.4": Story(percents=AHEAD),
    "3.5": Story(percents=STEADY),
    "3.6": Story(percents=AHEAD),
    "3.7": Story(percents=STUCK, fate=Fate.UNWRITTEN, declared={2: Declared.BLOCKED, 3: Declared.NEEDS_HELP}),
    "3.8": Story(percents=STEADY),
    "4.1": Story(percents=AHEAD, fate=Fate.SUBMITTED),
    "4.2": Story(percents=SLIPPING, late=(2,)),
    "4.3": Story(percents=STEADY),
    "4.4": Story(percents=AHEAD, closed_on=day(12, 26)),
    "4.5": Story(percents=(30, 30, 45, 70), unreported=(2,)),
    "4.6": Story(percents=STEADY),
    "5.1": Story(percents=AHEAD, returned=(1,)),
    "5.2": Story(percents=STEADY, fate=Fate.UNWRITTEN),
    "5.3": Story(percents=AHEAD),
    "5.4": Story(percents=AHEAD, fate=Fate.SUBMITTED),
    "5.5": Story(percents=SLIPPING, returned=(1,), fate=Fate.RETURNED),
    "5.6": Story(percents=STUCK, fate=Fate.UNWRITTEN),
    "5.7": Story(percents=STEADY, late=(3,), fate=Fate.UNWRITTEN),
    "5.8": Story(
        nodes=(
            ("“大督察”工作办法印发", day(5, 31), day(7, 18)),
            ("内部监督与派驻监督对接机制运行", day(8, 31), day(8, 20)),
            ("年度运行情况小结", day(12, 15), day(12, 12)),
        ),
    ),
    "5.9": Story(percents=(50, 85, 100, 100), closed_on=day(10, 15)),
}

# Figures by indicator and quarter: one number, or (numerator, denominator).
READINGS = {
    "1.1-1": {2: (6, 10), 3: (8, 10), 4: (10, 10)},
    "1.3-1": {1: 0, 2: 0, 3: 0, 4: 1},
    "2.5-1": {1: 0, 2: 1, 3: 1},
    "2.6-1": {1: 3, 2: 6, 3: 5, 4: 4},
    "2.6-2": {1: 0, 2: 2, 3: 1, 4: 1},
    "3.6-1": {1: (310, 900), 2: (720, 1850), 3: (1180, 2790), 4: (1640, 3760)},
    "3.8-1": {1: 41, 2: 36, 3: 33, 4: 29},
    "3.8-2": {1: 4, 2: 3, 3: 3, 4: 2},
    "4.6-1": {1: (9, 36), 2: (17, 80), 3: (21, 122), 4: (27, 165)},
    "4.6-2": {1: (2, 30), 2: (5, 71), 3: (7, 110), 4: (11, 151)},
    "5.3-1": {1: 0, 2: 1, 3: 1, 4: 0},
    "5.7-1": {1: 0, 2: 0, 3: 1, 4: 1},
}

# (quarter of the report that says so, the day it was achieved)
ACHIEVED = {
    "1.2-2": (2, day(6, 20)),
    "1.4-1": (2, day(5, 20)),
    "5.8-1": (3, day(7, 18)),
    "5.9-1": (3, day(9, 12)),
}


@dataclass(frozen=True, kw_only=True)
class TargetStory:
    """A target ordered in the demonstration."""

    code: str
    made_on: date
    reason: str
    values: TargetValues


TARGETS = (
    TargetStory(
        code="2.6-1",
        made_on=day(1, 9),
        reason="示例：原文未定数量，暂按每月 2 份",
        values=TargetValues(low=Decimal(24), pace="linear"),
    ),
    TargetStory(
        code="2.6-2",
        made_on=day(1, 9),
        reason="示例：原文未定数量，暂按每季度 1 份",
        values=TargetValues(
            low=Decimal(4), pace="steps", steps=((day(3, 31), 1), (day(6, 30), 2), (day(9, 30), 3), (day(12, 31), 4))
        ),
    ),
    TargetStory(
        code="4.6-1", made_on=day(1, 15), reason="示例：录入基期值", values=TargetValues(baseline=Decimal("21.5"))
    ),
    TargetStory(
        code="4.6-2", made_on=day(1, 15), reason="示例：录入基期值", values=TargetValues(baseline=Decimal("8"))
    ),
    TargetStory(code="5.8-1", made_on=day(1, 15), reason="示例：要求上半年建立", values=TargetValues(due=day(6, 30))),
    TargetStory(
        code="2.6-1",
        made_on=day(6, 12),
        reason="示例：防止凑数，由 24 份调整为 18 份",
        values=TargetValues(low=Decimal(18), pace="linear"),
    ),
    TargetStory(
        code="3.6-1", made_on=day(6, 20), reason="示例：按上半年情况设定", values=TargetValues(low=Decimal(42))
    ),
)

TEXTS = {
    1: ("已制定实施方案，明确责任人和时间安排，有关工作已经启动。", "方案已经院党组会议研究，任务分解到人。"),
    2: ("按方案推进，上半年阶段任务基本完成。", "已召开推进会两次，存在的问题正在逐项解决。"),
    3: ("主要任务已经完成，正在查漏补缺。", "各项安排有序推进，形成阶段性成果一份。"),
    4: ("全年任务完成，有关材料已整理归档。", "年度任务收尾，已形成工作小结。"),
}
UNFINISHED = ("部分任务受条件限制尚未完成，正在推进。", "进展慢于方案安排，已列出未完成事项。")
NEXT_STEPS = ("继续按方案推进。", "下一季度重点抓落实和总结。", "对照年度目标查找差距。")
PROBLEMS = {
    Declared.NORMAL: "",
    Declared.NEEDS_HELP: "示例：需要综合办公室协调场地和经费。",
    Declared.BLOCKED: "示例：联动单位的数据接口尚未开通，信息核查受阻。",
}
REASONS_TO_RETURN = ("示例：请补充本季度的具体做法。", "示例：完成进度与所述情况不符，请核实。")
