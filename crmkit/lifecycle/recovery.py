"""Undoing what a process that died in the middle of a change of state has left. Must not import a plugin."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from crmkit.core.store.actor import Actor
from crmkit.lifecycle.records import change, has_data, refresh_mirror, set_state, stored_plugins

if TYPE_CHECKING:
    from crmkit.app import CRM


def recover(crm: CRM, connection: Connection, spare: Collection[str] = ()) -> tuple[str, ...]:
    """Undo unfinished work, save that on the plugins in ``spare``, and return the names that were put right.

    To be called by the runner, which nobody else can be at the same time: so what is unfinished now has no process that
    works on it. A plugin with data becomes disabled, one without is forgotten.
    """
    done: list[str] = []
    for name, stored in stored_plugins(crm).items():
        if stored.state not in ("enabling", "purging") or name in spare:
            continue
        kept = has_data(connection, name)
        connection.rollback()
        with change(crm, Actor.system("an interrupted change of state"), "plugin.recover", name) as session:
            set_state(session, name, "disabled" if kept else None)
        done.append(name)
    if done:
        refresh_mirror(crm)
    return tuple(done)
