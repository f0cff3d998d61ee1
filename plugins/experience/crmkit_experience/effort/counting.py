"""Counting the parts of effort in what happened in an issue. Pure; must not know the database.

- **Contact**: an occasion on which the customer turned to us. What comes by the same channel within 30 minutes of the
  last is the same occasion, and so is everything until we have answered.
- **Switch**: a contact by another channel than the one before.
- **Transfer**: it went from one person to another, or from one queue to another (what happens within a minute is one).
- **Repeat**: in a later contact the customer gave the same field of details with the same value, or asked the same
  question (the same text, cases, spaces and punctuation aside). Each value counts once per contact it was given again.
- **Wait**: from the first thing the customer said until the next answer of a person, each time; where nobody answered
  until the end, or until now.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from attrs import frozen

from crmkit_experience.effort.index import Measures

TOGETHER = timedelta(minutes=30)
AT_ONCE = timedelta(minutes=1)
Between = Callable[[datetime, datetime], timedelta]


@frozen(kw_only=True)
class Said:
    """Something that was said in an issue, ``out`` by us; ``given`` are the marks of what the customer gave in it, and
    ``automatic`` what a machine sent."""

    at: datetime
    channel: str
    out: bool
    automatic: bool = False
    given: frozenset[str] = frozenset()


@frozen(kw_only=True)
class Contact:
    """An occasion on which the customer turned to us."""

    at: datetime
    channel: str
    given: frozenset[str]


def contacts_in(said: Sequence[Said]) -> list[Contact]:
    """Return the occasions on which the customer turned to us, of what was said in order."""
    found: list[Contact] = []
    last: datetime | None = None
    answered = True
    for each in said:
        if each.automatic:
            continue
        if each.out:
            answered = True
            continue
        same = found and last is not None and each.channel == found[-1].channel
        if same and last is not None and (each.at - last <= TOGETHER or not answered):
            found[-1] = Contact(at=found[-1].at, channel=each.channel, given=found[-1].given | each.given)
        else:
            found.append(Contact(at=each.at, channel=each.channel, given=each.given))
        last, answered = each.at, False
    return found


def repeats_in(contacts: Sequence[Contact]) -> int:
    """Return how many things the customer gave again in a later contact."""
    seen: set[str] = set()
    again = 0
    for each in contacts:
        again += len(each.given & seen)
        seen |= each.given
    return again


def switches_in(contacts: Sequence[Contact]) -> int:
    """Return how often the customer came by another channel than before."""
    return sum(one.channel != two.channel for one, two in pairwise(contacts))


def transfers_in(moves: Iterable[tuple[datetime, str, str]]) -> int:
    """Return how often an issue went from somebody to somebody else: of moves as (when, from, to); the first giving to
    somebody is none, and what happens within a minute is one."""
    count, last = 0, None
    for at, before, after in sorted(moves):
        if before and after and before != after:
            if last is None or at - last > AT_ONCE:
                count += 1
            last = at
    return count


def waits_in(said: Sequence[Said], end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the times during which the customer waited for a person's answer."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for each in said:
        if each.automatic:
            continue
        if not each.out:
            since = since or each.at
        elif since is not None:
            found.append((since, each.at))
            since = None
    if since is not None and end > since:
        found.append((since, end))
    return found


def measure(
    said: Sequence[Said],
    moves: Iterable[tuple[datetime, str, str]] = (),
    *,
    start: datetime,
    end: datetime,
    between: Between = lambda start, end: end - start,
) -> Measures:
    """Return what is counted of an issue that began and ended (or: is looked at) at these times. ``between`` says how
    much of a waiting time counts, such as working hours alone."""
    contacts = contacts_in(said)
    waited = sum((between(first, last) for first, last in waits_in(said, end)), timedelta())
    return Measures(
        contacts=len(contacts),
        switches=switches_in(contacts),
        transfers=transfers_in(moves),
        repeats=repeats_in(contacts),
        wait_hours=waited / timedelta(hours=1),
        elapsed_days=max(end - start, timedelta()) / timedelta(days=1),
    )


def plain(text: str) -> str:
    """Return a text as it is compared: without case, punctuation and spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(each for each in folded if each.isalnum())
