"""How many customers an experiment needs, before it is started. Must not know any experiment that there is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import field, frozen

from crmkit.engines.statistics.power import size_for_means, size_for_shares
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class Plan:
    """How many customers each arm needs, the control arm first, and all together; ``days`` is how long that takes at
    the given number a day. ``confidence`` is that of each comparison, after allowing for several."""

    base: float
    effect: float
    power: float
    confidence: float
    sizes: tuple[int, ...] = field(converter=tuple)
    customers: int
    days: int | None


def plan(
    base: float,
    effect: float,
    *,
    deviation: float | None = None,
    shares: Sequence[float] = (0.5, 0.5),
    power: float = 0.8,
    confidence: float = 0.95,
    per_day: float | None = None,
) -> Plan:
    """Return how many customers show a difference of ``effect`` from ``base`` with a power.

    Of a share, or with ``deviation`` (the standard deviation) of a mean. ``shares`` are those of the arms, the control
    arm first; several comparisons share out the error (Bonferroni). Sequential tests need a little more for the same
    power and end sooner where there is a difference. Raises InvalidInput for what cannot be planned.
    """
    if len(shares) < 2 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise InvalidInput([Problem("CK500", _("The shares of two arms or more make 1."), field="shares")])
    if per_day is not None and per_day <= 0:
        raise InvalidInput([Problem("CK500", _("This must be more than 0."), field="per_day")])
    control, *others = shares
    level = 1 - (1 - confidence) / len(others)

    def needed(ratio: float) -> int:
        if deviation is not None:
            return size_for_means(effect, deviation, power=power, confidence=level, ratio=ratio)
        return size_for_shares(base, base + effect, power=power, confidence=level, ratio=ratio)

    customers = max(needed(share / control) for share in others) / control
    sizes = [math.ceil(customers * share - 1e-9) for share in shares]
    return Plan(
        base=base,
        effect=effect,
        power=power,
        confidence=level,
        sizes=sizes,
        customers=sum(sizes),
        days=None if per_day is None else math.ceil(sum(sizes) / per_day),
    )
