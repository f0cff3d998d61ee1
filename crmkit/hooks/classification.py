"""What a plugin classifies customers by: dimensions, their labels, and who or what decides.

Values that hooks return and that an admin edits; they hold no sessions and do no work.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from crmkit.hooks.classes import FieldClass


@frozen(kw_only=True)
class DimensionLabel:
    """One label of a dimension; ``when`` is the expression under which a customer gets it, where expressions decide. A
    label without one is given by a person's pin, or as the default."""

    name: str
    title: str
    when: str | None = None


@frozen(kw_only=True)
class ByExpressions:
    """The first label whose ``when`` holds, in the order of the labels."""


@frozen(kw_only=True)
class ByValue:
    """The value of a text expression, such as ``customer.industry``; labels that are not declared are called by it."""

    value: str


@frozen(kw_only=True)
class ByCutPoints:
    """A score between cut points: ``score`` is an expression, ``points`` ascend and are one fewer than the labels,
    which are in ascending order too. A score that equals a point belongs above it. ``margin`` is how far beyond a point
    a score has to go before a customer who has a label already gets another (hysteresis)."""

    score: str
    points: tuple[str, ...] = field(converter=tuple)
    margin: str = "0"


@frozen(kw_only=True)
class ByQuantiles:
    """A score among all customers' scores: ``shares`` are the ascending parts of the base below each cut, one fewer
    than the labels. Equal scores get the same label. The boundaries found are kept with each run."""

    score: str
    shares: tuple[str, ...] = field(converter=tuple)
    margin: str = "0"


@frozen(kw_only=True)
class ByClusters:
    """Clusters of similar customers: k-means over standardised scores, as many as there are labels. A cluster keeps its
    label between runs, by the nearest centre of the run before; the labels are given by ascending first score."""

    scores: tuple[str, ...] = field(converter=tuple)
    seed: int = 0


@frozen(kw_only=True)
class ByPin:
    """A person alone decides."""


Decider = ByExpressions | ByValue | ByCutPoints | ByQuantiles | ByClusters | ByPin


@frozen(kw_only=True)
class Dimension:
    """A dimension of classification, with its labels in order.

    ``decider`` says who decides; ``among`` is the expression that says which customers have a label at all; ``default``
    the label of those for whom the decider finds none. A person's pin goes before any decider. ``stay_days`` is how
    long a label is kept at least before the decider may take it back (hysteresis).

    ``classified`` is the field class of the labels; without it they are as guarded as the most guarded fact that
    decides. ``alert_percent`` is how much of a label may move in one run before that is reported as a probable fault of
    the data, where nobody has changed the definition. ``enabled`` says whether it is on until an admin says otherwise.

    With ``refines`` it is no dimension of its own but says what the facts of a plugin tell about another one, by that
    one's labels: where the ``when`` of one of these holds, it is the label; everywhere else the other one decides as it
    is shipped. What expressions or persons alone decide can be refined; several plugins do so in the order of their
    names.
    """

    name: str
    title: str
    labels: tuple[DimensionLabel, ...] = field(default=(), converter=tuple)
    decider: Decider = field(factory=ByExpressions)
    among: str = "true"
    default: str | None = None
    stay_days: int = 0
    classified: FieldClass | None = None
    alert_percent: int = 30
    doc: str = ""
    enabled: bool = True
    refines: str = ""


def refined(given: Mapping[str, Dimension]) -> Mapping[str, Dimension]:
    """Return dimensions by name as they are shipped: what refines another one is in that one."""
    found = {name: each for name, each in given.items() if not each.refines}
    for _name, each in sorted(given.items()):
        base = found.get(each.refines)
        if base is not None and isinstance(base.decider, ByExpressions | ByPin):
            found[base.name] = _refined(base, each)
    return found


def _refined(base: Dimension, by: Dimension) -> Dimension:
    """Return a dimension in which the conditions of another one go before its own."""
    told = {label.name: label.when for label in by.labels if label.when is not None}
    untold = " and ".join(f"not ({when})" for when in told.values())
    before: list[str] = []
    ways: dict[str, str] = {}
    for name, when in told.items():
        ways[name] = " and ".join([f"({when})", *(f"not ({each})" for each in before)])
        before.append(when)
    labels: list[DimensionLabel] = []
    for label in base.labels:
        own = f"({untold}) and ({label.when})" if label.when is not None else None
        parts = [part for part in (ways.get(label.name), own) if part is not None]
        when = " or ".join(f"({part})" for part in parts) if len(parts) > 1 else next(iter(parts), None)
        labels.append(evolve(label, when=when))
    return evolve(base, labels=labels, decider=ByExpressions())
