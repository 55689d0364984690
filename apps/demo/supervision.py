"""Instructions, extensions and closings of the made-up year."""

from datetime import date

from apps.core.workdays import add_workdays, next_workday
from apps.supervision.services import (
    ask_closing,
    ask_extension,
    instruct,
    mark_read,
    transition_closing,
    transition_extension,
    transition_instruction,
)

# Who takes the step: the one in charge of the measure (leader, reviewer, reporter), or the office.
# (measure or indicator, day given, day to answer by, words, then (day, who, move, words, new day to answer by))
INSTRUCTIONS = (
    (
        "3.7",
        date(2025, 7, 21),
        date(2025, 7, 31),
        "示例：上半年进度明显落后，请说明原因和补救安排。",
        (
            (date(2025, 7, 29), "reporter", "answer", "示例：联动单位数据接口未开通，已商定八月底前联调。", None),
            (date(2025, 8, 4), "leader", "close", "示例：按此推进，九月再看。", None),
        ),
    ),
    (
        "5.6",
        date(2025, 10, 22),
        date(2025, 10, 31),
        "示例：青年人才共育项目为何迟迟没有启动？",
        (
            (date(2025, 10, 30), "reporter", "answer", "示例：合作协议文本仍在对方审核。", None),
            (date(2025, 11, 10), "leader", "follow_up", "示例：请直接与对方联系，明确签约时间。", date(2025, 11, 20)),
            (date(2025, 11, 18), "reviewer", "answer", "示例：对方答复十二月可签约，已约定座谈时间。", None),
        ),
    ),
    (
        "2.6-1",
        date(2025, 9, 8),
        date(2025, 9, 19),
        "示例：司法建议要重实效，不求数量，请报采纳情况。",
        (
            (date(2025, 9, 17), "reporter", "answer", "示例：已发出的建议均已收到反馈，情况附后。", None),
            (date(2025, 9, 22), "leader", "close", "", None),
        ),
    ),
    ("4.2", date(2025, 12, 15), date(2025, 12, 24), "示例：阅核落实情况请在年底前报一次。", ()),
    ("5.5", date(2025, 12, 26), date(2026, 1, 9), "示例：导师制下一年怎么做，请提出打算。", ()),
)

# (measure, day asked, new day, reason, progress, then (day, who, move, words))
EXTENSIONS = (
    (
        "1.2",
        date(2025, 10, 9),
        date(2026, 3, 31),
        "示例：文化陈展区施工延期",
        "示例：设计方案已定稿，活动室已布置完成，施工进行到一半。",
        (
            (date(2025, 10, 10), "reviewer", "endorse", "示例：情况属实。"),
            (date(2025, 10, 15), "leader", "grant", "示例：同意，不再延期。"),
        ),
    ),
    (
        "3.7",
        date(2025, 12, 8),
        date(2026, 2, 27),
        "示例：数据接口开通晚于预期",
        "示例：接口已联调，核查工作刚刚开始。",
        (
            (date(2025, 12, 9), "reviewer", "endorse", ""),
            (date(2025, 12, 12), "leader", "refuse", "示例：年内完成核查，余下的列入下一年计划。"),
        ),
    ),
    (
        "5.6",
        date(2025, 12, 22),
        date(2026, 3, 31),
        "示例：签约时间由对方确定",
        "示例：协议文本已定，等待签约。",
        ((date(2025, 12, 24), "reviewer", "endorse", "示例：请审定。"),),
    ),
    (
        "5.5",
        date(2025, 12, 29),
        date(2026, 2, 27),
        "示例：部分导师工作调整",
        "示例：新一批导师名单正在研究。",
        (),
    ),
)

# Closings that were not simply confirmed: (measure, day asked, result, then (day, who, move, words)).
CLOSINGS = (
    (
        "3.1",
        date(2025, 12, 29),
        "示例：民生领域纠纷化解各项安排完成。",
        ((date(2025, 12, 30), "office", "return", "示例：请补充下半年的具体成果。"),),
    ),
    ("1.1", date(2025, 12, 31), "示例：五项制度全部落实，年度任务完成。", ()),
)
RESULT = "示例：任务完成，材料齐全。"


def tell_oversight(year):
    """Put every act of oversight on its day."""
    for about, given_on, answer_by, words, steps in INSTRUCTIONS:
        _Instruction(year, about).tell(given_on, answer_by, words, steps)
    for code, asked_on, new_due, reason, progress, steps in EXTENSIONS:
        _tell_extension(year, year.measures[code], asked_on, (new_due, reason, progress), steps)
    for code, asked_on, result, steps in CLOSINGS:
        tell_closing(year, year.measures[code], asked_on, result, steps)


class _Matter:
    """A matter that is there once its first act is done."""

    def __init__(self):
        self.row = None


def _people(year, measure):
    leaders = year.cast.leaders
    return {
        "leader": leaders[measure.pillar.number % len(leaders)],
        "reviewer": year.cast.reviewers[measure.lead_id],
        "reporter": year.cast.reporters[measure.lead_id],
        "office": year.cast.plan_admin,
    }


class _Instruction(_Matter):
    def __init__(self, year, about):
        super().__init__()
        self.year = year
        self.indicator = year.indicators.get(about)
        self.measure = year.measures[self.indicator.measure.code if self.indicator else about]
        self.people = _people(year, self.measure)

    def tell(self, given_on, answer_by, words, steps):
        self.year.on(given_on, lambda at: self._give(answer_by, words, at), hour=11)
        if steps:
            self.year.on(add_workdays(given_on, 1), self._read, hour=8)
        for day, who, move, text, new_day in steps:
            self.year.on(day, self._stepping(who, move, text, new_day), hour=14)

    def _give(self, answer_by, words, at):
        about = {"indicator": self.indicator} if self.indicator else {"measure": self.measure}
        self.row = instruct(
            **about,
            department=self.measure.lead,
            text=words,
            answer_by=answer_by,
            by=self.people["leader"],
            at=at,
        )

    def _read(self, at):
        mark_read(instruction=self.row, by=self.people["reporter"], at=at)

    def _stepping(self, who, move, text, new_day):
        return lambda at: transition_instruction(
            instruction=self.row, move=move, text=text, answer_by=new_day, by=self.people[who], at=at
        )


def _tell_extension(year, measure, asked_on, asked, steps):
    matter, people = _Matter(), _people(year, measure)
    new_due, reason, progress = asked

    def ask(at):
        matter.row = ask_extension(
            measure=measure, reason=reason, progress=progress, new_due=new_due, by=people["reporter"], at=at
        )

    year.on(asked_on, ask, hour=9)
    for day, who, move, text in steps:
        year.on(day, _stepping(transition_extension, "extension", matter, people[who], move, text), hour=15)


def tell_closing(year, measure, asked_on, result, steps):
    """A closing asked for on a working day, and what was decided on it."""
    matter, people = _Matter(), _people(year, measure)

    def ask(at):
        matter.row = ask_closing(
            measure=measure, finished_on=next_workday(asked_on), result=result, by=people["reporter"], at=at
        )

    year.on(asked_on, ask, hour=14)
    for day, who, move, text in steps:
        year.on(day, _stepping(transition_closing, "closing", matter, people[who], move, text), hour=16)


def _stepping(service, name, matter, by, move, text):
    return lambda at: service(**{name: matter.row}, move=move, text=text, by=by, at=at)
