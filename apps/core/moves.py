"""Drawing the states of a matter, and the moves between them, from the tables that decide them."""

HEAD = "| 现在的状态 | 操作 | 由谁 | 之后的状态 |\n| --- | --- | --- | --- |"


def drawing_of(title, *, begins, moves, movers):
    """A section of Markdown: the diagram in Mermaid's words, and the same as a table.

    `moves` leads from state to {move: state}, `movers` from move to who makes it; all are choices with a label.
    """
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {begins.value}"]
    lines += [f"    {status.value}: {status.label}" for status in moves]
    lines += [f"    {status.value} --> {after.value}: {move.label}" for status, move, after in _arrows(moves)]
    lines += [f"    {status.value} --> [*]" for status in moves if not moves[status]]
    lines += ["```", "", HEAD]
    lines += [
        f"| {status.label} | {move.label} | {movers[move].label} | {after.label} |"
        for status, move, after in _arrows(moves)
    ]
    return "\n".join(lines) + "\n"


def _arrows(moves):
    return [(status, move, after) for status, out in moves.items() for move, after in out.items()]
