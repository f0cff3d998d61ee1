"""The rules that a plugin ships, and that an admin edits: when, if, then, and within which limits.

Values that hooks return; they hold no sessions and do no work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Do:
    """An action of a rule: an operation, with inputs that are expressions.

    An argument is an expression, or a list or a set of names of such: ``{"names": ["'regular'"]}``. ``target`` is an
    expression for the id of the record that the operation acts on; one on customers acts on the rule's customer, and an
    input ``customer_id`` that is not given is that customer.
    """

    operation: str
    arguments: Mapping[str, Any] = field(factory=dict[str, Any])
    target: str = ""


@frozen(kw_only=True)
class Rule:
    """When something happens or a time has come, if a condition holds for a customer, then operations are run.

    Either ``on`` names an event, or ``every`` a period ("day", "15 minutes") or ``cron`` five fields in the company's
    zone. ``among`` and ``when`` are conditions over facts; ``when`` may read the event's fields too, as ``event.kind``.
    ``among`` says about whom the rule is at all (such as ``segment.vip``), and is what a share of those is held out of.

    ``once_per`` is what the rule does not fire twice for: "event" (the default of a rule with an event), "customer", or
    "customer" with a period: a day, week, month, quarter or year of the calendar, or a length such as "30 days" since
    it last fired. ``cooldown`` is the least time between two firings for a customer beside that; ``daily_cap`` the
    most firings in a day. Rules that one event sets off run in descending ``priority``; once one with ``stop`` has
    fired for a customer, the others do not run for this customer. ``control`` is the share of customers, from 0 to 1,
    who are held out for comparison, always the same.
    """

    name: str
    title: str
    on: str | None = None
    every: str | None = None
    cron: str | None = None
    among: str = "true"
    when: str = "true"
    then: tuple[Do, ...] = field(default=(), converter=tuple)
    once_per: str | None = None
    cooldown: str | None = None
    daily_cap: int | None = None
    priority: int = 0
    stop: bool = False
    control: float = 0.0
    doc: str = ""
    enabled: bool = True
