"""What is asked of a resource, and what comes back. Must not know how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

LIMIT = 50
"""Records of a page, where nobody says how many."""
MOST = 1000
"""Most records of a page."""
ALL = "*"
"""In place of names: every field."""


def _names(given: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(dict.fromkeys(name.strip() for name in parts if name.strip()))


def _some(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return _names(given) or ()


@frozen(kw_only=True)
class ResourceQuery:
    """Which records of a resource, in which order, which part of them, and what of each.

    ``filter`` is a condition in the expression language, over the resource's fields and, of customers and of what is
    about a customer, over facts; ``search`` are words that are looked for. ``sort`` names fields divided by commas,
    each with ``-`` before it for descending; rows without a value come last. ``after`` is the ``next`` of the page
    before. ``fields`` are the names that are wanted (``*`` for all, None for those that lists show), of customers facts
    too; ``expand`` names references whose records are wanted as well (``owner``, ``customer.owner``). Deleted records
    are left out unless ``include_deleted``. ``records`` asks for the records themselves beside their values.
    """

    resource: str
    filter: str = ""
    search: str = ""
    sort: str = ""
    limit: int = LIMIT
    after: str | None = None
    fields: tuple[str, ...] | None = field(default=None, converter=_names)
    expand: tuple[str, ...] = field(default=(), converter=_some)
    include_deleted: bool = False
    records: bool = False


@define(kw_only=True, eq=False)
class Row:
    """One record as its reader sees it: the values of the fields that were asked for by name, in plain Python types;
    what is masked is a text that says so.

    ``version`` is None for what never changes. ``expanded`` has the records, or lists of them, that were asked for
    beside it, None for one that there is not or that the reader may not see. ``record`` is there where it was asked
    for.
    """

    id: UUID
    version: int | None
    values: dict[str, Any]
    expanded: Mapping[str, Any] = field(factory=dict[str, Any])
    record: Any = None

    def document(self) -> dict[str, Any]:
        """Return the row as one mapping: its id, its version where it has one, its fields, and under ``expanded`` what
        comes along."""
        found: dict[str, Any] = {"id": self.id}
        if self.version is not None:
            found["version"] = self.version
        found.update(self.values)
        if self.expanded:
            found["expanded"] = {
                name: value.document() if isinstance(value, Row) else value for name, value in self.expanded.items()
            }
        return found


@frozen(kw_only=True)
class ResourcePage:
    """A part of a list. ``next`` is the ``after`` of the following page, or None."""

    rows: Sequence[Row]
    next: str | None
