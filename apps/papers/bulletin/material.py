"""What a bulletin is made from."""

from dataclasses import dataclass, field

from apps.papers.tree_diff import measures_in


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which measures a paper is about: of these pillars, led by these departments; empty is all."""

    pillars: frozenset[int] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def is_whole(self):
        return not self.pillars and not self.departments

    def holds(self, measure):
        return (not self.pillars or measure.pillar.number in self.pillars) and (
            not self.departments or (measure.lead is not None and measure.lead.slug in self.departments)
        )


@dataclass(frozen=True, kw_only=True)
class ComparedTree:
    """What a paper compares with: the tree of a day, and what that day is called."""

    tree: dict
    name: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What the office itself says in the paper; empty where it leaves the usual words."""

    title: str = ""
    demands: str = ""
    signature: str = ""


@dataclass(kw_only=True)
class BulletinData:
    """All that the sentences are made from."""

    standing: object
    scope: Scope
    earlier: ComparedTree
    wording: Wording
    entries: dict = field(default_factory=dict)
    instructions: list = field(default_factory=list)

    @property
    def measures(self):
        return [item for item in self.standing.measures if self.scope.holds(item.measure)]

    @property
    def indicators(self):
        """(indicator, the measure it stands under or None), those of goals last; of goals only in a paper about all."""
        found = [(indicator, item) for item in self.measures for indicator in item.indicators]
        if self.scope.is_whole:
            found += [(indicator, None) for goal in self.standing.goals for indicator in goal.indicators]
        return found

    def of_light(self, *lights):
        return [item for item in self.measures if item.verdict.light in lights]

    def before(self, item):
        """The measure in the tree compared with; None where it is not in it."""
        return measures_in(self.earlier.tree).get(item.measure.code)

    def entry(self, item):
        return self.entries.get(item.progress.pk) if item.progress else None
