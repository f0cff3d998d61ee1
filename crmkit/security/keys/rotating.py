"""Rotations from beginning to end: each step is an operation of its own, and one that was interrupted goes on.

Others work on meanwhile: nothing is held longer than one batch takes. Must not know how keys are wrapped, nor how
tokens are made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen
from sqlalchemy import text

from crmkit.core.store.guard.regions import region
from crmkit.core.vault import rotation
from crmkit.core.vault.known import REFRESH, WHY
from crmkit.errors import Conflict
from crmkit.i18n import texts
from crmkit.security.keys import indexes
from crmkit.security.keys.indexes import index_versions
from crmkit.security.keys.operations import not_backed_up, require_admin

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

SETTLE = 2 * REFRESH
"""Seconds after which every process has noticed that keys have changed."""
PATIENCE = 600.0
"""Seconds to wait for transactions that began before a change."""

SHARE = 0.25
"""How long to leave the database to others after each batch, measured by how long that took."""

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""


@frozen(kw_only=True)
class RootRotation:
    """What a change of the root key did. ``resumed`` says that it finished one that had been interrupted."""

    root: int
    rewrapped: int
    left: int
    seconds: float
    resumed: bool


@frozen(kw_only=True)
class IndexRotation:
    """What a change of the lookup key did."""

    version: int
    retokened: int
    dropped: tuple[int, ...]
    seconds: float


@frozen(kw_only=True)
class KeyStatus:
    """Which keys are in use. ``left`` counts keys under earlier root keys, ``index_others`` are versions of the lookup
    key that are looked for beside the one in use, ``not_backed_up`` root keys that no key backup has."""

    instance_id: UUID
    root: int
    kind: str
    left: int
    index_version: int
    index_others: tuple[int, ...]
    not_backed_up: tuple[str, ...]


def status_of(session: CrmSession) -> KeyStatus:
    """Return which keys are in use. Raises Refused, and what is wrong with them."""
    require_admin(session)
    state = session.crm.vault.state(session)
    connection = session.connection()
    with region(connection, WHY):
        left = rotation.unfinished(connection)
    versions = index_versions(session)
    return KeyStatus(
        instance_id=state.instance,
        root=state.active.id,
        kind=state.active.provider,
        left=left,
        index_version=versions["active"][0],
        index_others=tuple(versions.get("decrypt", []) + versions.get("coming", [])),
        not_backed_up=tuple(row.name for row in not_backed_up(session)),
    )


def _silent(done: int, total: int) -> None:
    return None


def rotate_root(crm: CRM, actor: Actor, *, progress: Progress = _silent) -> RootRotation:
    """Change to a new root key, or to the one that was prepared, and wrap everything under it.

    While an earlier change is unfinished, that one is finished and no further key is made. Raises Refused, and what
    the keeper of the keys raises.
    """
    began = time.monotonic()
    with crm.session(actor) as session:
        require_admin(session)
        connection = session.connection()
        with region(connection, WHY):
            left = rotation.unfinished(connection)
            roots = rotation.read_roots(connection)
    resumed = left > 0
    if resumed:
        root = next(each.id for each in roots.values() if each.state == "active")
    else:
        root = crm.run(actor, "key.rotate")
    done = 0
    while True:
        started = time.monotonic()
        batch = crm.run(actor, "key.rewrap", {"limit": rotation.BATCH})
        done += batch.done
        left = batch.left
        progress(done, done + left)
        if not left:
            break
        # Writers on SQLite look for a free moment and do not queue: without one they would wait until the end. And
        # where nothing was done, what is left is being changed by somebody at this very moment.
        time.sleep((time.monotonic() - started) * SHARE if batch.done else 0.05)
    return RootRotation(root=root, rewrapped=done, left=left, seconds=time.monotonic() - began, resumed=resumed)


def rotate_index(crm: CRM, actor: Actor, *, progress: Progress = _silent, settle: float | None = None) -> IndexRotation:
    """Change to a new key of lookups: have both versions looked for, write the new one, give every value a new token,
    and give up the old one. One that was interrupted goes on.

    ``settle`` is how long to wait (seconds) until other processes have noticed; by default `SETTLE`. Raises KeyInUse
    when values of a plugin that is not loaded still need the earlier key; everything is found all the same.
    """
    began = time.monotonic()
    settle = SETTLE if settle is None else settle
    with crm.session(actor) as session:
        require_admin(session)
        versions = index_versions(session)
    if versions.get("coming") or not versions.get("decrypt"):
        crm.run(actor, "key.prepare_index")
        time.sleep(settle)
        crm.run(actor, "key.promote_index")
    time.sleep(settle)
    _wait_for_writers(crm, actor)
    done = 0
    while True:
        started = time.monotonic()
        batch = crm.run(actor, "key.retoken", {"limit": indexes.BATCH})
        done += batch.done
        progress(done, done + batch.left)
        if not batch.left:
            break
        time.sleep((time.monotonic() - started) * SHARE)
    dropped = crm.run(actor, "key.drop_index")
    with crm.session(actor) as session:
        version = index_versions(session)["active"][0]
    return IndexRotation(version=version, retokened=done, dropped=tuple(dropped), seconds=time.monotonic() - began)


def _wait_for_writers(crm: CRM, actor: Actor) -> None:
    """Wait until transactions have ended that may hold tokens of the earlier version. On SQLite writers take turns:
    none that began before can still be at work once the next step has the database."""
    if crm.engines.dialect != "postgresql":
        return
    until = time.monotonic() + PATIENCE
    with crm.engines.system_read.connect() as connection:
        began = connection.execute(text("SELECT now()")).scalar_one()
        connection.rollback()
        while time.monotonic() < until:
            older = connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL AND xact_start < :began"
                ),
                {"began": began},
            ).scalar_one()
            connection.rollback()
            if not older:
                return
            time.sleep(0.2)
    raise Conflict(
        _("A transaction has been writing for more than {seconds} seconds, and the change of keys waits for it."),
        fix=_("End it, and run again: crmkit key rotate-index"),
        seconds=int(PATIENCE),
    )
