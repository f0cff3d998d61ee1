"""The index of blocking keys: who shares a key with somebody is a candidate for being the same.

A key is kept as a digest under a key of the installation alone, so that nothing of a name or a number can be read out
of it. The index follows the changes of customers a moment later, and is built whole when the plugin is enabled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from crmkit import CRM, CrmSession, Customer, Input, customer_profiles, operation, texts
from crmkit_quality.duplicates.models import Key

_ = texts("crmkit_quality")

PURPOSE = "quality.key"
BATCH = 1000
"""Customers that are put into the index at once."""
LARGEST = 300
"""A key that more customers have says too little to look at all of them."""
MOST = 100
"""Candidates that are compared with one customer, those first who share most keys."""
REBUILD = "quality.index"


def coders(crm: CRM) -> tuple[Callable[[str], int], Sequence[Callable[[str], int]]]:
    """Return what makes the digest that a key is written under, and those that it may have been written under: one for
    each version of the installation's key that is in use."""
    codes = crm.vault.codes(PURPOSE)

    def coder(version: int) -> Callable[[str], int]:
        made = codes.versions[version]
        return lambda key: int.from_bytes(made(key.encode())[:8], "big", signed=True)

    return coder(codes.version), [coder(version) for version in codes.versions]


def write_keys(session: CrmSession, customer_ids: Collection[UUID]) -> int:
    """Bring the keys of customers into step with what they are, in system scope; return how many were written.

    Of who is deleted or gone none are left.
    """
    from crmkit_quality.matching import blocking_keys

    coder, _coders = coders(session.crm)
    wanted: set[tuple[int, UUID]] = set()
    for profile in customer_profiles(session, customer_ids):
        wanted.update((coder(key), profile.id) for key in blocking_keys(profile))
    there: set[tuple[int, UUID]] = set()
    for part in parts(customer_ids):
        query = select(Key.digest, Key.customer_id).where(Key.customer_id.in_(part))
        there.update((digest, identity) for digest, identity in session.execute(query))
    gone: dict[UUID, list[int]] = {}
    for digest, identity in there - wanted:
        gone.setdefault(identity, []).append(digest)
    for identity, digests in gone.items():
        session.execute(delete(Key).where(Key.customer_id == identity, Key.digest.in_(digests)))
    fresh = sorted(wanted - there)
    if fresh:
        session.execute(insert(Key), [{"digest": digest, "customer_id": identity} for digest, identity in fresh])
    return len(fresh)


def candidates(session: CrmSession, keys: Mapping[int, Iterable[str]]) -> dict[int, list[UUID]]:
    """Return the customers who share keys with somebody, by his place, of those whom the session may see; those with
    most keys in common first, at most `MOST`."""
    _coder, every = coders(session.crm)
    places: dict[int, list[int]] = {}
    for place, own in keys.items():
        for key in own:
            for coder in every:
                places.setdefault(coder(key), []).append(place)
    shared: dict[int, Counter[UUID]] = {place: Counter() for place in keys}
    for part in parts(places):
        sizes = select(Key.digest).where(Key.digest.in_(part)).group_by(Key.digest).having(func.count() <= LARGEST)
        small = list(session.scalars(sizes))
        for digest, identity in session.execute(select(Key.digest, Key.customer_id).where(Key.digest.in_(small))):
            for place in places[digest]:
                shared[place][identity] += 1
    return {place: [identity for identity, _count in found.most_common(MOST)] for place, found in shared.items()}


def parts(items: Iterable[Any], size: int = BATCH) -> Iterable[list[Any]]:
    """Give items in parts that a statement has places for."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


# --- building it ------------------------------------------------------------------------------------------------------

Ids = Annotated[tuple[UUID, ...], Input(title=_("Customers"), classified="internal")]


@operation(
    "quality.index.write",
    title=_("Bring the index of duplicates into step"),
    permission="quality.index.rebuild",
    hidden=True,
)
def write_index(session: CrmSession, *, customer_ids: Ids) -> int:
    """Bring the keys of some customers into step, in system scope alone; return how many were written."""
    return write_keys(session, customer_ids)


@operation("quality.index.rebuild", title=_("Build the index of duplicates anew"))
def rebuild(
    session: CrmSession,
    *,
    after: Annotated[UUID | None, Input(title=_("After"), classified="internal")] = None,
) -> None:
    """Have workers put every customer into the index, by their ids, from the beginning or from behind one on."""
    session.defer(REBUILD, unique=f"{REBUILD} {after}", after=str(after) if after else "")


def carry_on(session: CrmSession, after: str = "") -> None:
    """Put the next customers into the index, and leave those behind them to the next job."""
    query = select(Customer.id).order_by(Customer.id).limit(BATCH)
    if after:
        query = query.where(Customer.id > UUID(after))
    ids = list(session.scalars(query))
    if ids:
        session.run("quality.index.write", {"customer_ids": ids})
    if len(ids) == BATCH:
        session.run("quality.index.rebuild", {"after": ids[-1]})


OPERATIONS = [write_index, rebuild]
