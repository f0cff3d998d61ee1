"""What is known of an opportunity at an instant, and what a model may learn from that: nothing that came later.

Every feature is made by `features_at` from `Past.until`, which has let go of everything after the cut-off: there is no
other way to a feature, so nothing that a seller writes down at the end can tell a model how it ended. Must not know the
database or the models.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen

from crmkit import texts

_ = texts("crmkit_sales")

GRID = timedelta(days=28)
"""Beside the instants at which it changed, an open opportunity is looked at so often."""
RECENT = timedelta(days=30)

FEATURES: Mapping[str, str] = {
    "stage": _("Stage"),
    "amount": _("Amount"),
    "source": _("Source"),
    "age": _("Days since it was opened"),
    "in_stage": _("Days in the stage"),
    "due": _("Expected close"),
    "pushed": _("Times put off"),
    "touched": _("Contacts in 30 days"),
}
"""What a model looks at, with titles."""

NONE = "none"
_DAYS = ((7, "0-7"), (30, "8-30"), (90, "31-90"), (180, "91-180"))
_TIMES = ((0, "0"), (1, "1"))
_CONTACTS = ((0, "0"), (2, "1-2"), (5, "3-5"))


@frozen(kw_only=True)
class Step:
    """How an opportunity stood from an instant on. ``kind`` is "open", "won" or "lost"; ``typed`` is the probability
    that its stage says, 0 to 1; ``value`` is in major units of the base currency."""

    since: datetime
    kind: str
    stage: str
    typed: float
    value: float | None
    expected_close: date | None


def _whole(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Past:
    """What happened to an opportunity, by time: how it stood, and when there was contact with its customer."""

    opportunity_id: UUID
    opened_at: datetime
    source: str | None = None
    steps: tuple[Step, ...] = field(converter=_whole)
    contacts: tuple[datetime, ...] = field(default=(), converter=_whole)

    def until(self, cut_off: datetime) -> Past:
        """Return what of it was so at an instant."""
        return evolve(
            self,
            steps=[step for step in self.steps if step.since <= cut_off],
            contacts=[at for at in self.contacts if at <= cut_off],
        )

    @property
    def closed(self) -> Step | None:
        """Return the step with which it was closed for good, or None while it is open."""
        return self.steps[-1] if self.steps and self.steps[-1].kind != "open" else None


@frozen(kw_only=True)
class Example:
    """An opportunity at an instant while it was open, and what became of it. All examples of one weigh 1 together."""

    opportunity_id: UUID
    cut_off: datetime
    closed_at: datetime
    features: Mapping[str, str]
    stage: str
    typed: float
    won: bool
    weight: float = 1.0


def features_at(past: Past, cut_off: datetime) -> dict[str, str]:
    """Return what can be said of an open opportunity at an instant, as texts by feature."""
    known = past.until(cut_off)
    last = known.steps[-1]
    since = next((step.since for step in reversed(_stage_entries(known.steps))), last.since)
    return {
        "stage": last.stage,
        "amount": _amount(last.value),
        "source": known.source or NONE,
        "age": _banded((cut_off - known.opened_at).days, _DAYS, "181+"),
        "in_stage": _banded((cut_off - since).days, _DAYS, "181+"),
        "due": _due(last.expected_close, cut_off.date()),
        "pushed": _banded(_pushed(known.steps), _TIMES, "2+"),
        "touched": _banded(sum(at > cut_off - RECENT for at in known.contacts), _CONTACTS, "6+"),
    }


def examples_of(past: Past) -> list[Example]:
    """Return the examples that a closed opportunity gives: at every change while it was open, and every 28 days.

    One that is open gives none.
    """
    closed = past.closed
    if closed is None:
        return []
    moments: set[datetime] = set()
    for step, following in zip(past.steps, past.steps[1:], strict=False):
        at = step.since
        while step.kind == "open" and at < following.since:
            moments.add(at)
            at += GRID
    found: list[Example] = []
    for at in sorted(moments):
        last = past.until(at).steps[-1]
        found.append(
            Example(
                opportunity_id=past.opportunity_id,
                cut_off=at,
                closed_at=closed.since,
                features=features_at(past, at),
                stage=last.stage,
                typed=last.typed,
                won=closed.kind == "won",
                weight=1 / len(moments),
            )
        )
    return found


def _stage_entries(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with which a stage was entered; being opened again is entering it, too."""
    return [
        step
        for step, before in zip(steps, (None, *steps), strict=False)
        if before is None or (before.stage, before.kind) != (step.stage, step.kind)
    ]


def _pushed(steps: Sequence[Step]) -> int:
    days = [step.expected_close for step in steps if step.expected_close is not None]
    return sum(later > earlier for earlier, later in itertools.pairwise(days))


def _amount(value: float | None) -> str:
    """Return the magnitude of an amount, in half powers of ten, as the least amount that has it."""
    if value is None or value <= 0:
        return NONE
    half = math.floor(2 * math.log10(value) + 1e-9)
    return f"{10 ** (half / 2):.0f}+" if half >= 0 else "0+"


def _due(day: date | None, today: date) -> str:
    if day is None:
        return NONE
    left = (day - today).days
    return "late" if left < 0 else "30" if left <= 30 else "90" if left <= 90 else "later"


def _banded(number: int, bands: Sequence[tuple[int, str]], beyond: str) -> str:
    return next((name for limit, name in bands if number <= limit), beyond)
