"""How often a public link may be sent, and how often an address may try links that open nothing.

Counted in the database, so that it holds over processes, beside the buckets of those who guess passwords. Must not keep
addresses or links: buckets are named by keyed fingerprints.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.store.guard import region
from crmkit.errors import TooManyAttempts
from crmkit.i18n import texts
from crmkit.security.credentials.tables import Throttle
from crmkit.security.credentials.throttle import network_of

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_TABLE = cast(Any, Throttle).__table__
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@frozen
class Flow:
    """``burst`` at once, and then one every ``interval``."""

    burst: int
    interval: timedelta


CLOSED = Flow(30, timedelta(minutes=1))
"""Tries of links that open nothing, per address."""
ADDRESS = Flow(60, timedelta(seconds=30))
"""Submits per address, by whatever links."""


def per_hour(number: int) -> Flow:
    """Return a flow of so many an hour, all of which may come at once."""
    return Flow(max(number, 1), timedelta(hours=1) / max(number, 1))


def take_submit(crm: CRM, link: str, number: int, address: str | None) -> None:
    """Count a submit by a link, of which so many an hour are let through. Raises TooManyAttempts."""
    flows = {_name(crm, "link", link): per_hour(number)}
    if address:
        flows[_name(crm, "visitor", network_of(address))] = ADDRESS
    _take(crm, flows)


def take_closed(crm: CRM, address: str | None) -> None:
    """Count a try of a link that opens nothing. Raises TooManyAttempts."""
    if address:
        _take(crm, {_name(crm, "closed", network_of(address)): CLOSED})


def is_exhausted(crm: CRM, address: str | None) -> int:
    """Return the seconds for which an address has tried too many links, 0 for none. Writes nothing."""
    if not address:
        return 0
    now = crm.clock.now()
    with crm.engines.system_read.connect() as connection, region(connection, "whether an address tried too much"):
        until = connection.scalar(
            select(_TABLE.c.until).where(_TABLE.c.key == _name(crm, "closed", network_of(address)))
        )
    return 0 if until is None else max(0, _seconds(until - now - CLOSED.interval * (CLOSED.burst - 1)))


def _take(crm: CRM, flows: dict[str, Flow]) -> None:
    now = crm.clock.now()
    dialect: Any = postgresql if crm.engines.dialect == "postgresql" else sqlite
    empty = {"count": 0, "strikes": 0, "refused": 0, "until": _EPOCH, "updated_at": now}
    with crm.engines.system_write.begin() as connection, region(connection, "counting what visitors do"):
        rows = [{"key": key, **empty} for key in sorted(flows)]
        connection.execute(dialect.insert(_TABLE).values(rows).on_conflict_do_nothing())
        query = select(_TABLE.c.key, _TABLE.c.until).where(_TABLE.c.key.in_(sorted(flows))).order_by(_TABLE.c.key)
        found = {row.key: row.until for row in connection.execute(query.with_for_update())}
        waits = [found[key] - now - flow.interval * (flow.burst - 1) for key, flow in flows.items()]
        longest = max(waits)
        if longest <= timedelta():
            for key, flow in flows.items():
                connection.execute(
                    _TABLE.update()
                    .where(_TABLE.c.key == key)
                    .values(until=max(found[key], now) + flow.interval, updated_at=now)
                )
            return
    raise TooManyAttempts(_("Too much was sent from here."), seconds=_seconds(longest))


def _seconds(wait: timedelta) -> int:
    return int(-(-wait.total_seconds() // 1))


def _name(crm: CRM, kind: str, text: str) -> str:
    code = crm.vault.mac("throttle", "\0".join((f"public {kind}", text)).encode("utf-8", "replace"))
    return f"{kind}:{code.hex()}"[:80]
