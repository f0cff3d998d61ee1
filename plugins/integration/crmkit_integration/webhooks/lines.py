"""The order of one endpoint's messages: about each customer one after the other, different customers side by side.

A message about several customers stands in the line of each: it goes when it is at the front of all of them, and holds
all of them up until then. Must not know databases, the network or what a message says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from attrs import define, field


@define(kw_only=True, eq=False)
class Item:
    """A message that waits. ``keys`` name the lines that it stands in; ``next_at`` is when it is due (UTC)."""

    id: UUID
    seq: int
    message_id: str
    event_id: UUID | None
    event_type: str
    happened_at: datetime
    keys: tuple[str, ...]
    attempts: int
    next_at: datetime
    in_flight: bool = False


def keys_of(customers: Sequence[str], resource: str) -> tuple[str, ...]:
    """Return the lines of a message: those of its customers; without any, that of the resource it is of."""
    return tuple(dict.fromkeys(customers)) or (f"resource:{resource}",)


@define(eq=False)
class Lines:
    """The waiting messages of one endpoint. They are added in their order and taken off one by one."""

    items: dict[UUID, Item] = field(factory=dict)
    _lines: dict[str, deque[Item]] = field(factory=dict)
    _fronts: dict[UUID, Item] = field(factory=dict)

    def add(self, items: Iterable[Item]) -> None:
        """Put messages at the end of their lines; they are later than all that are there. One that is there already
        stays where it is."""
        for item in items:
            if item.id in self.items:
                continue
            self.items[item.id] = item
            for key in item.keys:
                self._lines.setdefault(key, deque()).append(item)
            self._look_at(item)

    def done(self, identity: UUID) -> None:
        """Take a message off, which is at the front of its lines: the next ones come to the front."""
        item = self.items.pop(identity, None)
        if item is None:
            return
        self._fronts.pop(identity, None)
        following: list[Item] = []
        for key in item.keys:
            line = self._lines[key]
            line.popleft() if line[0] is item else line.remove(item)
            if line:
                following.append(line[0])
            else:
                del self._lines[key]
        for each in following:
            self._look_at(each)

    def due(self, now: datetime) -> list[Item]:
        """Return the messages that may go now: at the front of all their lines, due, and not on their way. Those that
        were tried least come first, then by their order."""
        found = [each for each in self._fronts.values() if not each.in_flight and each.next_at <= now]
        return sorted(found, key=lambda each: (each.attempts, each.seq))

    def next_at(self) -> datetime | None:
        """Return when the next message is due that is at the front and not on its way, or None for no such."""
        return min((each.next_at for each in self._fronts.values() if not each.in_flight), default=None)

    def in_flight(self) -> Collection[Item]:
        """Return the messages that are on their way."""
        return [each for each in self._fronts.values() if each.in_flight]

    def fresh(self, now: datetime) -> int:
        """Return how many messages stand in lines whose front does not wait for another attempt."""
        held = {key for each in self._fronts.values() if each.attempts and each.next_at > now for key in each.keys}
        return sum(1 for each in self.items.values() if held.isdisjoint(each.keys))

    def _look_at(self, item: Item) -> None:
        if all(self._lines[key][0] is item for key in item.keys):
            self._fronts[item.id] = item
