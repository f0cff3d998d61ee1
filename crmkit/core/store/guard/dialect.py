"""Dialects that take the census of what they compile and have each execution judged.

A host's own engine and its dialect are left as they are: our views of it get a copy. Must not know what is allowed;
that is the judge's.
"""

from __future__ import annotations

import copy
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Dialect

from crmkit.core.store.guard.census import recording
from crmkit.core.store.guard.judge import SESSION, judge

_GUARDED = "crmkit_guarded"


def guard(dialect: Dialect) -> Dialect:
    """Have a dialect of our own take the census and ask the judge; returns the same dialect."""
    own = cast(Any, dialect)
    if getattr(own, _GUARDED, False):
        return dialect
    setattr(own, _GUARDED, True)
    own.statement_compiler = recording(own.statement_compiler)
    one, many, bare = own.do_execute, own.do_executemany, own.do_execute_no_params

    def do_execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        judge(statement, context)
        one(cursor, statement, parameters, context)

    def do_executemany(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        judge(statement, context)
        many(cursor, statement, parameters, context)

    def do_execute_no_params(cursor: Any, statement: str, context: Any = None) -> None:
        judge(statement, context)
        bare(cursor, statement, context)

    own.do_execute, own.do_executemany, own.do_execute_no_params = do_execute, do_executemany, do_execute_no_params
    return dialect


def guarded_copy(dialect: Dialect) -> Dialect:
    """Return a guarded copy of a host's dialect, which has to have been connected once."""
    if getattr(dialect, _GUARDED, False):
        return dialect
    return guard(copy.copy(dialect))


@contextmanager
def guarding(connection: Connection) -> Generator[None]:
    """Have a host's connection guarded within the block, and give it back as it was."""
    here = cast(Any, connection)
    dialect, options = here.dialect, here._execution_options
    here.dialect = guarded_copy(dialect)
    try:
        yield
    finally:
        here.dialect = dialect
        here._execution_options = here._execution_options.union({SESSION: options.get(SESSION)})
