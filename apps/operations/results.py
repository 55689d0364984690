"""What a check says: a message of Django's check framework, which also comes where all is well."""

from datetime import datetime
from typing import Any

from django.core.checks import CheckMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.wording import joined
from apps.operations.choices import CHECKS, State, Subject

UNKNOWN, CLOSED, UNREACHABLE = "unknown", "closed", "unreachable"
MAX_NAMES = 5


class CheckResult(CheckMessage):
    """What one check found, in the language in use; `reason` and `values` are for programs, the same in any language.

    `text` and `hint` may name any of `values`.
    """

    def __init__(self, check: str, state: State, reason: str, text: str, hint: str = "", **values: Any) -> None:
        written = {name: _written(name, value) for name, value in values.items()}
        self.check, self.state, self.reason, self.values = check, state, reason, values
        self.subject: Subject = CHECKS[check][0]
        super().__init__(
            state.level, text % written, hint % written, obj=CHECKS[check][1], id=f"operations.{check}.{reason}"
        )

    @property
    def is_unknown(self) -> bool:
        """Whether the check couldn't be made, as without a database."""
        return self.reason == UNKNOWN

    @property
    def needs_action(self) -> bool:
        return self.state in (State.BAD, State.WATCH)

    @property
    def is_well(self) -> bool:
        return not self.needs_action and not self.is_unknown


def well(check: str, text: str, reason: str = "ok", **values: Any) -> CheckResult:
    return CheckResult(check, State.WELL, reason, text, **values)


def note(check: str, reason: str, text: str, hint: str = "", **values: Any) -> CheckResult:
    return CheckResult(check, State.NOTE, reason, text, hint, **values)


def watch(check: str, reason: str, text: str, hint: str, **values: Any) -> CheckResult:
    return CheckResult(check, State.WATCH, reason, text, hint, **values)


def bad(check: str, reason: str, text: str, hint: str, **values: Any) -> CheckResult:
    return CheckResult(check, State.BAD, reason, text, hint, **values)


def unknown(check: str) -> CheckResult:
    return note(check, UNKNOWN, _("现在看不了"))


def closed(check: str, *, fault: str) -> CheckResult:
    """This process may not read what the check looks at."""
    hint = _("请检查主人和权限；命令要用运行服务的用户执行。")
    return watch(check, CLOSED, _("打不开：%(fault)s"), hint, fault=fault)


def unreachable(*, fault: str) -> CheckResult:
    hint = _("请检查 DATABASE_URL 和数据库服务是否已启动；口令、库名和主机都在 DATABASE_URL 里。")
    return bad("database", UNREACHABLE, _("连不上数据库：%(fault)s"), hint, fault=fault)


def _written(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple):
        return joined(value[:MAX_NAMES]) + ("…" if len(value) > MAX_NAMES else "")
    return written_size(value) if name in ("size", "free", "total") and isinstance(value, int) else value


def written_size(n_bytes: int) -> str:
    """“42 MB”, “1.3 GB”."""
    gigabyte, megabyte = 1024**3, 1024**2
    if n_bytes >= gigabyte:
        return f"{n_bytes / gigabyte:.1f} GB"
    return f"{max(n_bytes / megabyte, 0.1):.1f} MB" if n_bytes < 10 * megabyte else f"{n_bytes / megabyte:.0f} MB"
