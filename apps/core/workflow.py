"""Workflows as tables: which move leads from which status to which, and who may make it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

TABLE_HEAD = "| 现在的状态 | 操作 | 由谁 | 之后的状态 |\n| --- | --- | --- | --- |"


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """`transitions` leads from status to {move: next status}: what is not in it is not allowed.

    `actors` says who may make each move, `needs_text` which moves need a reason, and `reopening` which ones leave a
    status that counts as settled.
    """

    initial: TextChoices
    transitions: Mapping[TextChoices, Mapping[TextChoices, TextChoices]]
    actors: Mapping[TextChoices, TextChoices]
    needs_text: frozenset[TextChoices] = frozenset()
    reopening: frozenset[TextChoices] = frozenset()

    def after(self, status: TextChoices, move: TextChoices) -> TextChoices | None:
        """The status that a move leads to; None where the move is not allowed."""
        return self.transitions[status].get(move)

    def status_after(self, moves: Iterable[TextChoices]) -> TextChoices:
        """The status after all of these moves, in this order, from the initial one."""
        status = self.initial
        for move in moves:
            status = self.transitions[status][move]
        return status

    def is_pending(self, status: TextChoices) -> bool:
        """Whether somebody still has to act."""
        return not self.reopening.issuperset(self.transitions[status])

    def markdown(self, title: str) -> str:
        """A section of Markdown: a Mermaid state diagram, and the same as a table."""
        lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {self.initial.value}"]
        lines += [f"    {status.value}: {status.label}" for status in self.transitions]
        lines += [f"    {status.value} --> {after.value}: {move.label}" for status, move, after in self._edges()]
        lines += [f"    {status.value} --> [*]" for status, moves in self.transitions.items() if not moves]
        lines += ["```", "", TABLE_HEAD]
        lines += [
            f"| {status.label} | {move.label} | {self.actors[move].label} | {after.label} |"
            for status, move, after in self._edges()
        ]
        return "\n".join(lines) + "\n"

    def _edges(self) -> Iterator[tuple[TextChoices, TextChoices, TextChoices]]:
        for status, moves in self.transitions.items():
            for move, after in moves.items():
                yield status, move, after
