"""Experiments as an admin defines them: arms, who takes part, what is measured, and when one may look.

Values that hold no sessions and do no work.
"""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

Method = Literal["always_valid", "group_sequential", "fixed"]


@frozen(kw_only=True)
class Arm:
    """One of the ways that customers are treated, and its share of those who take part."""

    name: str
    share: float
    title: str = ""


@frozen(kw_only=True)
class Metric:
    """What is measured of each customer: an expression over facts.

    ``kind`` "mean" compares its mean, of money in major units of the base currency; "share" compares how many customers
    it holds for, or for how many a number is above 0. With ``since`` "start" a number is what was added since the
    experiment started, with "ever" the number itself. ``before`` is an expression for a number as of the start, by
    which outcomes are adjusted so that differences show sooner (CUPED). ``effect`` is the difference that matters, in
    the metric's own unit (0.02 of a share).
    """

    name: str
    value: str
    kind: Literal["share", "mean"] = "mean"
    since: Literal["start", "ever"] = "start"
    before: str = ""
    effect: float = 0.0
    title: str = ""


@frozen(kw_only=True)
class Experiment:
    """Customers treated in different ways by chance, to see what it changes.

    ``arms`` share out those who take part; ``control`` names the one that the others are compared with, the first by
    default. ``share`` is the part of the base that takes part at all, ``among`` the condition under which a customer
    does. ``covers`` "exposed" counts customers from the moment when they were treated, which is written down;
    "everybody" all who were there at the start, by their ids alone. ``spare`` (with "everybody") makes it a hold-out:
    whoever is in its control arm is in no arm of any other experiment.

    The first of ``metrics`` decides, the others are reported. ``method`` says when one may look: "always_valid" at any
    time, "group_sequential" at ``looks`` equally spaced parts of the ``planned`` customers, "fixed" once those are
    there. ``salt`` takes the place of the name where customers are dealt out.
    """

    name: str
    title: str
    arms: tuple[Arm, ...] = field(converter=tuple)
    metrics: tuple[Metric, ...] = field(converter=tuple)
    control: str = ""
    share: float = 1.0
    among: str = "true"
    covers: Literal["exposed", "everybody"] = "exposed"
    spare: bool = False
    method: Method = "always_valid"
    planned: int = 0
    looks: int = 4
    confidence: float = 0.95
    salt: str = ""
    doc: str = ""

    @property
    def base(self) -> str:
        """Return the name of the arm that the others are compared with."""
        return self.control or self.arms[0].name

    @property
    def seed(self) -> str:
        """Return the name under which customers are dealt out."""
        return self.salt or self.name
