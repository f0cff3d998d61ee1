"""What another system looks like to a synchronisation, and which kinds of them there are.

A connector is a protocol, so a plugin implements it without inheriting anything. Nothing here touches a database; a
connector is used while no transaction is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from crmkit import Refused

Values = Mapping[str, Any]
"""Values by their names in a synchronisation: texts, whole numbers, booleans, None, and sorted lists of texts."""


@frozen(kw_only=True)
class RemoteRecord:
    """A customer as the other system has it. ``changed_at`` is in UTC; ``version`` is whatever the system wants to see
    again at a change. One that is ``deleted`` there has no values."""

    external_id: str
    values: Values = field(repr=False)
    changed_at: datetime | None = None
    deleted: bool = False
    version: str = ""


@frozen(kw_only=True)
class RemoteChanges:
    """Which records were changed, added or deleted since a watermark, and where to go on. ``lost`` says that the
    watermark fits no more: everything has to be looked at."""

    external_ids: tuple[str, ...]
    watermark: str
    more: bool = False
    lost: bool = False


class RemoteUnreachable(Refused):
    """The other system cannot be reached, or lets nobody in: the run ends here."""


class RemoteRefused(Exception):
    """The other system does not take a change to one record; the others can go on. ``reason`` is what it says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RemoteStale(RemoteRefused):
    """The record was changed over there since it was read."""


@runtime_checkable
class Connector(Protocol):
    """Reads and changes the customers of another system.

    Raises RemoteRefused for one record that it does not take, and RemoteUnreachable when the system cannot be reached
    or lets nobody in: then the run ends, and the next one begins where this one did.
    """

    def now(self) -> str:
        """Return the watermark of this moment: whatever is changed from now on comes behind it."""
        ...

    def changes(self, since: str) -> RemoteChanges:
        """Return what was changed since a watermark, a page at a time."""
        ...

    def everything(self) -> Iterator[str]:
        """Give the ids of all records that there are."""
        ...

    def read(self, external_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        """Return records by their ids, deleted ones too; what is not there is left out."""
        ...

    def create(self, values: Values, *, reference: str, key: str) -> RemoteRecord:
        """Add a record. ``reference`` is its id here. The same ``key`` with the same values gives the same record,
        however often it comes."""
        ...

    def update(self, record: RemoteRecord, values: Values, *, key: str) -> RemoteRecord:
        """Change a record that was read; the values that are given are changed alone. Raises RemoteStale."""
        ...


@frozen(kw_only=True)
class Access:
    """How another system is reached: its address, what lets one in, and whether it is in one's own network."""

    url: str
    secret: str = field(repr=False)
    private: bool = False


@frozen(kw_only=True)
class ConnectorKind:
    """A kind of system that customers can be synchronised with.

    ``name`` is unique, such as ``acme.crm``; ``open(access, fields)`` returns a connector for the fields of a
    synchronisation, by their names over there; it must not call the system yet. ``fields`` are the names that it knows
    over there, empty for any.
    """

    name: str
    title: str
    open: Callable[[Access, Sequence[str]], Connector]
    fields: tuple[str, ...] = field(default=(), converter=tuple)
