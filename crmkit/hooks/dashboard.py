"""What a plugin puts on the first page of the staff: cards of lines, each something to do or to know today.

Frozen values; must not know the web or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import attrs
from attrs import frozen

Tone = Literal["", "good", "warn", "bad", "info", "accent"]


@frozen(kw_only=True)
class CardLine:
    """One line of a card: what it is about, and where it leads.

    ``title`` and ``hint`` are texts, with ``values`` for their ``{name}`` fields; ``facts`` are titles with values that
    say why the line is there. ``path`` is an address of the pages, such as ``/sales/opportunities``; without one a line
    with ``customer_id`` leads to that customer, and offers to log a call. ``figure`` stands at its end.
    """

    title: str
    hint: str = ""
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    facts: tuple[tuple[str, Any], ...] = attrs.field(default=(), converter=tuple)
    path: str = ""
    customer_id: UUID | None = None
    figure: Any = None
    at: Any = None
    """An instant or a day that the line is about."""
    tone: Tone = ""
    icon: str = ""


@frozen(kw_only=True)
class RecordPanel:
    """What a plugin shows on the page of one of its records beside the fields: a few lines under a title, with
    ``values`` for its ``{name}`` fields. ``empty`` is what it says without lines; one that says nothing is not shown
    then."""

    title: str
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    lines: tuple[CardLine, ...] = attrs.field(default=(), converter=tuple)
    empty: str = ""
    icon: str = "info-circle"


@frozen(kw_only=True)
class DashboardCard:
    """A card of the first page, for who has ``permission``; with none for everybody.

    ``name`` is ``<plugin>.<noun>``. ``rows`` is called with ``session``, to read as whoever looks, and returns a few
    lines, the most urgent first; it has to be quick. ``empty`` is what a card without lines says: one that says nothing
    is not shown then. ``path`` leads to all of them; ``order`` counts from the top.
    """

    name: str
    title: str
    rows: Callable[..., Sequence[CardLine]]
    permission: str | None = None
    empty: str = ""
    path: str = ""
    icon: str = "list-check"
    order: int = 50
