"""What a plugin classifies customers by: dimensions, their labels, and who or what decides.

Values that hooks return and that an admin edits; they hold no sessions and do no work.
"""

from __future__ import annotations

from attrs import field, frozen

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
