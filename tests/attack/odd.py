"""What nobody would type, and somebody will: in an address, in its question, in a form."""

import uuid
from itertools import chain

from tests.attack.addresses import samples

ODD = (
    "0",
    "2147483648",
    "9223372036854775808",
    "9" * 5000,
    "٣",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc",
    "x" * 300,
    "-1",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "2025-02-30",
    "%ed%a0%80",
    "%27%22%3Cx",
)
QUERIES = (
    "on",
    "known",
    "page",
    "p",
    "q",
    "o",
    "window",
    "with",
    "of",
    "against",
    "format",
    "sort",
    "kind",
    "what",
    "who",
    "since",
    "until",
    "pillar",
    "department",
    "light",
    "next",
    "nobody_knows",
)


def turned(begin):
    """All odd values, from the one that is on."""
    begin %= len(ODD)
    return chain(ODD[begin:], ODD[:begin])


def odd_paths(address, estate, *, begin=0):
    """The address with each odd value in each of its holes."""
    values = samples(address, estate)[0]
    return (address.at(values | {hole: odd}) for odd in turned(begin) for hole in address.holes)


def odd_questions(*, begin=0):
    """Everything that a page may be asked, with each odd value for an answer."""
    return ("&".join(f"{name}={odd}" for name in QUERIES) for odd in turned(begin))


# A form that fits every page that takes one: all fields that there are, with something that could be meant.
FILLED = {
    "act": "submit",
    "answer_by": "2025-07-20",
    "confirmed": "1",
    "declared": "normal",
    "finished_on": "2025-06-20",
    "form": "xlsx",
    "measures": "1.1",
    "new_due": "2026-03-31",
    "percent": "60",
    "progress": "六成",
    "reason": "理由",
    "result": "完成",
    "revision": "1",
    "set": "1",
    "since": "2025-03-31",
    "targets": "kept",
    "text": "说明",
    "window": "2025-06-30",
}
# The acts of pages that have several.
ACTS = {"papers:paper": "issue", "papers:template": "drop"}


def bodies(address, estate):
    """What is sent to the address: a form filled in with what the estate has, and an empty one."""
    rows = estate.rows
    return (
        FILLED
        | {
            "act": ACTS.get(address.name, FILLED["act"]),
            "department": rows.lead.pk,
            "report": f"{rows.submitted.pk}:{rows.submitted.revision}",
            "key": uuid.uuid4(),  # not one that was sent before: that would be no act
        },
        {},
    )


def odd_bodies(address, estate, *, begin=0):
    """The same form with each odd value in all of its fields, byte for byte, but for the act that is meant."""
    names = [name for name in bodies(address, estate)[0] if name != "act"]
    act = ACTS.get(address.name, FILLED["act"])
    return (f"act={act}&" + "&".join(f"{name}={odd}" for name in names) for odd in turned(begin))
