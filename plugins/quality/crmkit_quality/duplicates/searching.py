"""Searches for duplicates: begun by an operation, carried out past any transaction, kept by another operation.

A search reads for as long as it takes and writes at its end, so nobody waits for it. It says how far it is, stops when
it is told to, and is begun anew by the clock where its process has died.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CRM, CrmkitError, CrmSession, Customer, CustomerProfile, customer_profiles, frame
from crmkit_quality.duplicates.index import candidates, parts
from crmkit_quality.duplicates.models import UNDER_WAY, Learnt, Search
from crmkit_quality.duplicates.storing import ends, known_pairs
from crmkit_quality.settings import settings_of

Progress = Callable[[float], None]
WHY = "searching for duplicates"
ALIVE = timedelta(minutes=3)
"""A search that has given no sign of life for so long has died."""
BEAT = 1.0
"""Seconds between two signs of life."""
PART = 200
"""Changed customers that are compared at once."""
REMEMBERED = 300.0
"""Seconds for which what was learnt is taken for the newest."""


class Stopped(Exception):
    """Somebody has stopped the search."""


# --- what is known ----------------------------------------------------------------------------------------------------


def data_at(session: CrmSession) -> tuple[int, datetime | None]:
    """Return how many customers there are, and when the newest of them was changed."""
    number, newest = session.execute(
        select(func.count(), func.max(Customer.updated_at)).where(Customer.deleted_at.is_(None))
    ).one()
    return int(number), newest


def last_search(session: CrmSession) -> Search | None:
    """Return the last search that came to its end."""
    query = select(Search).where(Search.state == "done").order_by(Search.finished_at.desc(), Search.id.desc())
    return session.scalar(query.limit(1))


def under_way(session: CrmSession) -> Search | None:
    """Return the search that waits or is at work."""
    query = select(Search).where(Search.state.in_(UNDER_WAY)).order_by(Search.created_at.desc()).limit(1)
    return session.scalar(query)


def up_to_date(session: CrmSession) -> bool:
    """Say whether nothing of any customer has changed since the last search."""
    last = last_search(session)
    return last is not None and (last.customers, last.data_at) == data_at(session)


def newest_model(session: CrmSession) -> Any:
    """Return what was learnt last, in system scope; before anything was, the model that is shipped."""
    from crmkit_quality.matching import Model

    found = session.scalar(select(Learnt).order_by(Learnt.created_at.desc(), Learnt.id.desc()).limit(1))
    if found is not None and found.document is not None:
        try:
            return Model.from_document(json.loads(found.document))
        except CrmkitError:
            pass  # of an earlier version, and learnt anew by the next search
    return Model.shipped(max(data_at(session)[0], 1))


_models: dict[int, tuple[float, Any]] = {}


def model_at_hand(crm: CRM) -> Any:
    """Return what was learnt last, as it was known within the last minutes: for looking somebody up at entry."""
    now = time.monotonic()
    known = _models.get(id(crm))
    if known is None or now - known[0] > REMEMBERED:
        with crm.session(crm.system("what is known of duplicates")) as session:
            known = _models[id(crm)] = (now, newest_model(session))
    return known[1]


def forget_model(crm: CRM) -> None:
    """Have what was learnt read anew."""
    _models.pop(id(crm), None)


# --- comparing --------------------------------------------------------------------------------------------------------


def pairs_with(session: CrmSession, profiles: Sequence[CustomerProfile], model: Any, floor: float) -> list[Any]:
    """Return the pairs of some customers with any others whom the session may see, who share a key with them."""
    from crmkit_quality.matching import blocking_keys, compare_many

    keys = {place: blocking_keys(profile) for place, profile in enumerate(profiles)}
    likely = candidates(session, keys)
    wanted = {identity for found in likely.values() for identity in found}
    others = {profile.id: profile for profile in customer_profiles(session, wanted)}
    met: dict[tuple[UUID, UUID], Any] = {}
    for place, found in likely.items():
        own = profiles[place]
        unmet = [identity for identity in found if identity in others and ends(own.id, identity) not in met]
        for pair in compare_many(own, [others[identity] for identity in unmet if identity != own.id], model):
            if pair.probability >= floor:
                met[pair.first, pair.second] = pair
    return sorted(met.values(), key=lambda pair: (-pair.probability, pair.first, pair.second))


def changed_since(session: CrmSession, moment: datetime | None) -> list[UUID]:
    """Return the customers that were added or changed after a moment."""
    query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id)
    return list(session.scalars(query if moment is None else query.where(Customer.updated_at > moment)))


def worth_of(session: CrmSession, customer_ids: Collection[UUID]) -> dict[UUID, float]:
    """Return how much more it is worth to look at customers who have bought: the orders of magnitude of their net
    purchases."""
    wanted = set(customer_ids)
    found: dict[UUID, float] = {}
    if wanted:
        bought = frame(session, ["purchase.net_amount"], where="purchase.net_amount > 0")
        for identity, amount in bought.rows():
            if identity in wanted and amount:
                found[identity] = math.log10(1.0 + float(amount))
    return found


# --- carrying it out --------------------------------------------------------------------------------------------------


def carry_out(crm: CRM, search_id: UUID, progress: Progress | None = None) -> None:
    """Carry out a search that was begun, in system scope: read, compare, keep. ``progress`` is called with the share
    that is done.

    What stops it is noted with the search. Raises what made it fail, once that was noted too.
    """
    system = crm.system(WHY)
    began = time.monotonic()
    beat = _Beat(crm, search_id, progress)
    try:
        beat.force(0.0)
        with crm.session(system) as session:
            search = session.get(Search, search_id)
            if search is None or search.state not in UNDER_WAY:
                return
            kind = search.kind
        found = _full(crm, beat) if kind == "full" else _changed(crm, beat)
        crm.run(
            system,
            "quality.search.store",
            {**found, "seconds": round(time.monotonic() - began, 2)},
            target=search_id,
        )
        forget_model(crm)
        if progress is not None:
            progress(1.0)
    except Stopped:
        crm.run(system, "quality.search.end", {"state": "stopped"}, target=search_id)
    except KeyboardInterrupt:
        crm.run(system, "quality.search.end", {"state": "stopped"}, target=search_id)
        raise
    except BaseException as error:
        reason = error.render() if isinstance(error, CrmkitError) else type(error).__name__
        crm.run(system, "quality.search.end", {"state": "failed", "error": reason[:500]}, target=search_id)
        raise


def _full(crm: CRM, beat: _Beat) -> dict[str, Any]:
    from crmkit_quality.matching import find_pairs

    settings = settings_of(crm.settings)
    with crm.session(crm.system(WHY)) as session:
        number, newest = data_at(session)
        apart = known_pairs(session).apart
        found = find_pairs(customer_profiles(session), apart=apart, floor=settings.review, progress=beat)
        worth = worth_of(session, {each for pair in found.pairs for each in (pair.first, pair.second)})
    return {
        "pairs": found.pairs,
        "worth": worth,
        "among": None,
        "model": json.dumps(found.model.as_document(), separators=(",", ":")),
        "customers": number,
        "data_at": newest,
        "compared": found.figures.compared,
    }


def _changed(crm: CRM, beat: _Beat) -> dict[str, Any]:
    settings = settings_of(crm.settings)
    system = crm.system(WHY)
    with crm.session(system) as session:
        number, newest = data_at(session)
        last = last_search(session)
        changed = changed_since(session, last.data_at if last is not None else None)
        model = newest_model(session)
    for part in parts(changed):
        crm.run(system, "quality.index.write", {"customer_ids": part})
    pairs: dict[tuple[UUID, UUID], Any] = {}
    worth: Mapping[UUID, float] = {}
    with crm.session(system) as session:
        for place, part in enumerate(parts(changed, PART)):
            beat(place * PART, len(changed))
            for pair in pairs_with(session, list(customer_profiles(session, part)), model, settings.review):
                pairs[pair.first, pair.second] = pair
        worth = worth_of(session, {each for both in pairs for each in both})
    return {
        "pairs": tuple(pairs.values()),
        "worth": worth,
        "among": tuple(changed),
        "model": None,
        "customers": number,
        "data_at": newest,
        "compared": len(pairs),
    }


class _Beat:
    """Signs of life of a search: at most one a second is written, and each looks whether it was stopped."""

    def __init__(self, crm: CRM, search_id: UUID, progress: Progress | None) -> None:
        self._crm = crm
        self._search_id = search_id
        self._progress = progress
        self._next = 0.0

    def __call__(self, done: int, whole: int) -> None:
        """Say how much is done, of how much. Raises Stopped."""
        share = done / max(whole, 1)
        if self._progress is not None:
            self._progress(share)
        if time.monotonic() >= self._next:
            self.force(share)

    def force(self, share: float) -> None:
        """Write a sign of life now. Raises Stopped."""
        self._next = time.monotonic() + BEAT
        system = self._crm.system(WHY)
        done = int(100 * min(max(share, 0.0), 1.0))
        if not self._crm.run(system, "quality.search.beat", {"done": done}, target=self._search_id):
            raise Stopped
