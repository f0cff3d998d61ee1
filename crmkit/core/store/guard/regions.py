"""Regions: where the framework reads and writes past the guard, each with its reason.

Private to the framework. What a person is shown never comes out of one.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection

from crmkit.core.store.guard.judge import REGION

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


@contextmanager
def region(where: CrmSession | Connection, why: str) -> Generator[None]:
    """Let statements of the framework pass unfiltered within the block: those of a session, or of a connection.

    ``why`` says for which purpose what is read there is not shown to anybody.
    """
    if not isinstance(where, Connection):
        with where.guarding.region(why):
            yield
        return
    connection = cast(Any, where)
    before = connection._execution_options.get(REGION)
    connection._execution_options = connection._execution_options.union({REGION: why})
    try:
        yield
    finally:
        connection._execution_options = connection._execution_options.union({REGION: before})


@contextmanager
def lookup(session: CrmSession) -> Generator[None]:
    """Let an operation of the framework look somebody up by what is masked for its actor: by a name that he gave.

    Rows are filtered as ever; what is found must not be shown but as any record is.
    """
    guarding = session.guarding
    before, guarding.looking_up = guarding.looking_up, True
    try:
        yield
    finally:
        guarding.looking_up = before
