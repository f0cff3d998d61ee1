"""Slows down those who guess, and nobody else: buckets of attempts in the database, so they hold over processes.

Every attempt is counted before its password is looked at, in

- the *pair* of login and address: five attempts, then a wait of a quarter of an hour, doubled each time up to an hour;
- the *login* from everywhere that its user has not signed in from lately: 20 at once and 40 an hour;
- the *login* from where its user did sign in within 90 days: 10 at once and 30 an hour;
- the *address*, whoever is meant: 100 at once and 200 an hour.

So at most 100 guesses at a login are looked at in any hour, and whoever guesses from elsewhere cannot use up what its
user has at the usual place. A success takes its own attempt back. A login that nobody has is counted in just the same
way. Must not know what is guessed, nor keep logins or addresses: buckets are named by keyed fingerprints.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from attrs import evolve, frozen
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.security.credentials.tables import Throttle

_TABLE = cast(Any, Throttle).__table__
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")

Kind = Literal["pair", "login", "home", "address", "known"]

PAIR_LIMIT = 5
PAIR_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN = timedelta(days=1)
"""How long a pair has to be quiet until its waits begin with the shortest again."""
KNOWN_FOR = timedelta(days=90)
"""How long a place counts as one that a user signs in from."""


@frozen
class _Flow:
    """``burst`` attempts at once, and then one every ``interval``."""

    burst: int
    interval: timedelta


_FLOWS = {
    "login": _Flow(20, timedelta(hours=1) / 40),
    "home": _Flow(10, timedelta(hours=1) / 30),
    "address": _Flow(100, timedelta(hours=1) / 200),
}


@frozen(kw_only=True)
class Bucket:
    """A row of the table while it is worked on."""

    kind: Kind
    key: str
    count: int = 0
    strikes: int = 0
    refused: int = 0
    until: datetime = _EPOCH
    updated_at: datetime = _EPOCH

    def wait(self, now: datetime) -> timedelta:
        """Return how long it takes until the next attempt is let through; nothing or less when it is already."""
        if self.kind == "pair":
            return self.until - now if self.count >= PAIR_LIMIT else timedelta()
        flow = _FLOWS[self.kind]
        return self.until - now - flow.interval * (flow.burst - 1)

    def take(self, now: datetime) -> Bucket:
        """Return the bucket with one more attempt in it."""
        if self.kind != "pair":
            return evolve(
                self, until=max(self.until, now) + _FLOWS[self.kind].interval, refused=0, count=self.count + 1
            )
        quiet = now - self.updated_at
        strikes = 0 if quiet >= FORGOTTEN else self.strikes
        # Only a quarter of an hour without an attempt empties it: never are there more than five in one.
        count = 1 if self.count >= PAIR_LIMIT or quiet >= PAIR_WAIT else self.count + 1
        if count < PAIR_LIMIT:
            return evolve(self, count=count, strikes=strikes, refused=0, updated_at=now)
        wait = min(PAIR_WAIT * 2**strikes, LONGEST_WAIT)
        return evolve(self, count=count, strikes=min(strikes + 1, 8), refused=0, until=now + wait, updated_at=now)

    def give_back(self, now: datetime) -> Bucket:
        """Return the bucket with one attempt less in it."""
        return evolve(self, until=max(self.until - _FLOWS[self.kind].interval, _EPOCH), count=max(self.count - 1, 0))


@frozen(kw_only=True)
class Place:
    """The names of the buckets of one attempt; the ones of an address are None where no address is known."""

    login: str
    home: str
    pair: str | None
    known: str | None
    address: str | None


@frozen(kw_only=True)
class Verdict:
    """Whether an attempt may go on. ``wait`` is how long to wait where it may not, ``refused`` how many were turned
    away since it may not, and ``taken`` the buckets that it was counted in."""

    wait: timedelta | None = None
    refused: int = 0
    taken: tuple[tuple[Kind, str], ...] = ()


def place_of(vault: Any, login: str, address: str | None) -> Place:
    """Return where an attempt is counted. The two ways to write an address, and the two to write a letter, count as
    one; of an IPv6 address only the network does."""

    def name(*parts: str) -> str:
        return cast(bytes, vault.mac("throttle", "\0".join(parts).encode("utf-8", "surrogatepass"))).hex()

    who = unicodedata.normalize("NFKC", login[:200]).casefold().strip()
    where = network_of(address)
    return Place(
        login=f"login:{name('login', who)}"[:80],
        home=f"home:{name('home', who)}"[:80],
        pair=f"pair:{name('pair', who, where)}"[:80] if where else None,
        known=f"known:{name('known', who, where)}"[:80] if where else None,
        address=f"address:{name('address', where)}"[:80] if where else None,
    )


def network_of(address: str | None) -> str:
    """Return what stands for a network address: an IPv4 address, the first half of an IPv6 one, a text that is neither,
    or nothing."""
    text = (address or "").strip()[:100]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text.casefold()
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


def take(connection: Connection, place: Place, now: datetime) -> Verdict:
    """Count an attempt at a login, or say how long to wait. In a writing transaction, which has to be committed."""
    known = place.known is not None and connection.scalar(
        select(_TABLE.c.until).where(_TABLE.c.key == place.known, _TABLE.c.until > now)
    )
    wanted: list[tuple[Kind, str]] = [("home", place.home) if known else ("login", place.login)]
    if place.pair is not None:
        wanted.append(("pair", place.pair))
    if place.address is not None:
        wanted.append(("address", place.address))
    return _take(connection, wanted, now)


def take_address(connection: Connection, place: Place, now: datetime) -> Verdict:
    """Count a wrong code or token by its address alone: no login can be used up with them."""
    return _take(connection, [("address", place.address)] if place.address is not None else [], now)


def is_exhausted(connection: Connection, place: Place, now: datetime) -> timedelta | None:
    """Return how long an address has to wait, or None. Writes nothing."""
    if place.address is None:
        return None
    row = connection.execute(select(_TABLE).where(_TABLE.c.key == place.address)).one_or_none()
    wait = Bucket(kind="address", key=place.address, until=row.until).wait(now) if row is not None else timedelta()
    return wait if wait > timedelta() else None


def succeed(connection: Connection, place: Place, verdict: Verdict, now: datetime) -> None:
    """Take an attempt back that was right, and remember where it came from."""
    for bucket in _rows(connection, verdict.taken, now):
        if bucket.kind == "pair":
            connection.execute(delete(_TABLE).where(_TABLE.c.key == bucket.key))
        else:
            _write(connection, bucket.give_back(now))
    if place.known is not None:
        (bucket,) = _rows(connection, [("known", place.known)], now)
        _write(connection, evolve(bucket, count=bucket.count + 1, until=now + KNOWN_FOR, updated_at=now))


def sweep(connection: Connection, now: datetime) -> int:
    """Delete the buckets that mean nothing any more, and return how many there were."""
    gone = connection.execute(
        delete(_TABLE).where(_TABLE.c.until < now - FORGOTTEN, _TABLE.c.updated_at < now - FORGOTTEN)
    )
    return int(gone.rowcount)


def _take(connection: Connection, wanted: Sequence[tuple[Kind, str]], now: datetime) -> Verdict:
    buckets = _rows(connection, wanted, now)
    full = max(buckets, key=lambda bucket: bucket.wait(now), default=None)
    if full is not None and full.wait(now) > timedelta():
        _write(connection, evolve(full, refused=full.refused + 1))
        return Verdict(wait=full.wait(now), refused=full.refused + 1)
    for bucket in buckets:
        _write(connection, evolve(bucket.take(now), updated_at=now))
    return Verdict(taken=tuple(wanted))


def _rows(connection: Connection, wanted: Sequence[tuple[Kind, str]], now: datetime) -> list[Bucket]:
    """Return buckets, made where there are none, and locked until the transaction ends; always in one order, so that
    two attempts never wait for each other."""
    if not wanted:
        return []
    kinds: dict[str, Kind] = {key: kind for kind, key in wanted}
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    empty = {"count": 0, "strikes": 0, "refused": 0, "until": _EPOCH, "updated_at": _EPOCH}
    connection.execute(
        dialect.insert(_TABLE).values([{"key": key, **empty} for key in sorted(kinds)]).on_conflict_do_nothing()
    )
    found = connection.execute(
        select(_TABLE).where(_TABLE.c.key.in_(sorted(kinds))).order_by(_TABLE.c.key).with_for_update()
    )
    return [Bucket(kind=kinds[cast(str, row["key"])], **row) for row in found.mappings()]


def _write(connection: Connection, bucket: Bucket) -> None:
    connection.execute(
        update(_TABLE)
        .where(_TABLE.c.key == bucket.key)
        .values(
            count=bucket.count,
            strikes=bucket.strikes,
            refused=bucket.refused,
            until=bucket.until,
            updated_at=bucket.updated_at,
        )
    )
