"""Which conversations are reviewed, and by whom: the same seed draws the same. Pure; must not know the database."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Candidate:
    """A conversation that can be reviewed: whose it was (``owner_id``), who else took part, with which customer, and
    what speaks for looking at it (``risks``)."""

    ref: str
    customer_id: UUID
    owner_id: UUID
    team_id: UUID | None
    channel: str
    at: datetime
    risks: tuple[str, ...] = ()
    people: frozenset[UUID] = frozenset()


def by_chance(candidates: Sequence[Candidate], size: int, seed: int) -> list[Candidate]:
    """Return so many conversations, each as probable as any other."""
    pool = sorted(candidates, key=lambda each: each.ref)
    return random.Random(seed).sample(pool, min(size, len(pool)))  # noqa: S311


def stratified(
    candidates: Sequence[Candidate], size: int, seed: int, stratum: Callable[[Candidate], str]
) -> list[Candidate]:
    """Return so many conversations, from each stratum in proportion to what it has (largest remainders), and at least
    one of each while there is room."""
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for each in sorted(candidates, key=lambda each: each.ref):
        groups[stratum(each)].append(each)
    shares = allocate({name: len(held) for name, held in groups.items()}, size)
    chance = random.Random(seed)  # noqa: S311
    return [each for name in sorted(groups) for each in chance.sample(groups[name], shares[name])]


def allocate(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many of each stratum are taken when ``size`` are taken in all."""
    whole = sum(sizes.values())
    size = min(size, whole)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    found = dict.fromkeys(sizes, 0)
    if size <= len(names):
        return found | dict.fromkeys(names[:size], 1)
    exact = {name: size * sizes[name] / whole for name in names}
    found = {name: max(1, min(sizes[name], int(exact[name]))) for name in names}
    while sum(found.values()) > size:
        most = max(names, key=lambda name: (found[name] - exact[name], name) if found[name] > 1 else (-1.0, name))
        found[most] -= 1
    while sum(found.values()) < size:
        least = max((name for name in names if found[name] < sizes[name]), key=lambda name: exact[name] - found[name])
        found[least] += 1
    return found


def by_risk(candidates: Sequence[Candidate], size: int, seed: int) -> list[Candidate]:
    """Return so many conversations for which something speaks: those first for which most does, by chance among
    equals."""
    order = by_chance([each for each in candidates if each.risks], len(candidates), seed)
    return sorted(order, key=lambda each: -len(each.risks))[:size]


def assign(
    chosen: Sequence[Candidate], reviewers: Sequence[UUID], load: Mapping[UUID, int] | None = None
) -> list[tuple[Candidate, UUID | None]]:
    """Return who reviews what: whoever has least to do (``load``) of those who took no part in it; nobody where there
    is no such one."""
    held = Counter(dict(load or {}))
    found: list[tuple[Candidate, UUID | None]] = []
    for each in chosen:
        others = [who for who in reviewers if who != each.owner_id and who not in each.people]
        who = min(others, key=lambda one: (held[one], str(one)), default=None)
        if who is not None:
            held[who] += 1
        found.append((each, who))
    return found
