"""What is made of touches: shares by step, held against the rest of their source, and what is at stake.

Three shares are looked at: of those who dropped out, of those whose effort was high, of those who gave a low score.
Each is compared with the other steps of its source by Newcombe's interval (method 10), at a confidence that is raised
for the number of comparisons (Bonferroni): so the chance of any false finding in the list stays below 5 %. The excess
is the difference of the shares. What is at stake at a step is what its customers are worth times its largest certain
excess. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from attrs import define, field, frozen

from crmkit.engines.statistics.intervals import newcombe
from crmkit_experience.friction.touches import Touch

LEVEL = 0.05
"""The chance that a list holds any false finding."""
PARTS = ("drop", "effort", "score")


@define(kw_only=True)
class Tally:
    """What is counted at a step. For each part how many customers are known and how many are hit; sums of effort and
    score with how many have one; ``worth`` is what the customers are worth together."""

    customers: int = 0
    worth: float = 0.0
    known: dict[str, int] = field(factory=lambda: dict.fromkeys(PARTS, 0))
    hit: dict[str, int] = field(factory=lambda: dict.fromkeys(PARTS, 0))
    effort: float = 0.0
    efforts: int = 0
    score: float = 0.0
    scores: int = 0


@frozen(kw_only=True)
class Part:
    """One share of a step: of how many known, the share at the other steps of the source, how much more it is here with
    its interval (all 0 to 1), and whether that is more than chance."""

    known: int
    hit: int
    rest_known: int
    rest_hit: int
    excess: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Say whether even the lower end is above 0."""
        return self.low > 0


@frozen(kw_only=True)
class Weighed:
    """A step with its parts. ``leading`` is the part with the largest certain excess, else the largest; ``affected``
    how many customers are hit beyond what is usual, ``stake`` what they are worth."""

    source: str
    step: str
    tally: Tally
    parts: Mapping[str, Part]
    leading: str
    certain: bool
    affected: float
    stake: float


def count(touches: Iterable[tuple[str, Touch]], worth: Mapping[UUID, float]) -> dict[tuple[str, str], Tally]:
    """Return tallies by source and step, of pairs of a source's name and a touch."""
    found: dict[tuple[str, str], Tally] = {}
    for source, touch in touches:
        each = found.setdefault((source, touch.step), Tally())
        add(each, touch, worth)
    return found


def add(tally: Tally, touch: Touch, worth: Mapping[UUID, float]) -> None:
    """Count a touch."""
    tally.customers += 1
    tally.worth += worth.get(touch.customer_id, 0.0)
    for part, hit in (("drop", touch.dropped), ("effort", touch.laborious), ("score", touch.unhappy)):
        if hit is not None:
            tally.known[part] += 1
            tally.hit[part] += hit
    if touch.effort is not None:
        tally.effort, tally.efforts = tally.effort + touch.effort, tally.efforts + 1
    if touch.score is not None:
        tally.score, tally.scores = tally.score + touch.score, tally.scores + 1


def weigh(tallies: Mapping[tuple[str, str], Tally], least: int) -> Sequence[Weighed]:
    """Return the steps with at least so many customers, what is certain and most at stake first."""
    rest: dict[str, Tally] = {}
    for (source, _step), each in tallies.items():
        whole = rest.setdefault(source, Tally())
        for part in PARTS:
            whole.known[part] += each.known[part]
            whole.hit[part] += each.hit[part]
    shown = {key: each for key, each in tallies.items() if each.customers >= least}
    pairs = [
        (key, part) for key, each in shown.items() for part in PARTS if _comparable(each, rest[key[0]], part, least)
    ]
    confidence = 1 - LEVEL / max(1, len(pairs))
    parts: dict[tuple[str, str], dict[str, Part]] = {key: {} for key in shown}
    for key, part in pairs:
        parts[key][part] = _part(shown[key], rest[key[0]], part, confidence)
    found = [_weighed(key, each, parts[key]) for key, each in shown.items()]
    return sorted(found, key=lambda each: (not each.certain, -each.stake, -each.affected, each.source, each.step))


def _comparable(tally: Tally, whole: Tally, part: str, least: int) -> bool:
    return tally.known[part] >= least and whole.known[part] - tally.known[part] >= least


def _part(tally: Tally, whole: Tally, part: str, confidence: float) -> Part:
    known, hit = tally.known[part], tally.hit[part]
    others, others_hit = whole.known[part] - known, whole.hit[part] - hit
    found = newcombe(hit, known, others_hit, others, confidence)
    return Part(
        known=known,
        hit=hit,
        rest_known=others,
        rest_hit=others_hit,
        excess=found.value or 0.0,
        low=found.low if found.low is not None else -1.0,
        high=found.high if found.high is not None else 1.0,
    )


def _weighed(key: tuple[str, str], tally: Tally, parts: Mapping[str, Part]) -> Weighed:
    order = sorted(parts, key=lambda part: (not parts[part].certain, -parts[part].excess, PARTS.index(part)))
    leading = order[0] if order else ""
    excess = max(0.0, parts[leading].excess) if leading else 0.0
    return Weighed(
        source=key[0],
        step=key[1],
        tally=tally,
        parts=parts,
        leading=leading,
        certain=bool(leading) and parts[leading].certain,
        affected=tally.customers * excess,
        stake=tally.worth * excess,
    )
