"""Statements that are compiled once for all engines of a test process.

SQLAlchemy keeps what it compiled with the engine, and each test opens one of its own: most of a small test's time would
go into compiling the same statements again. Must not know what a statement says.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from crmkit.core.store import engine as opening
from crmkit.core.store.guard import tables
from tests.servers.leftovers import LEFTOVERS

KEPT = 1500
"""Most statements that are kept for each way of opening a database."""
WAYS = 4
"""Most ways of opening a database whose statements are kept: those of plugins that no test uses any more would fill the
memory, and every collection of garbage would go through them."""


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """Have engines that are opened in the same way share their dialect, and with it what was compiled.

    The guard's census lies on what is compiled and depends on the tables that are protected: where a test has added
    some, everything is compiled anew.
    """
    known: OrderedDict[object, tuple[Dialect, LRUCache[Any, Any]]] = OrderedDict()

    def create(url: Any, **options: Any) -> Engine:
        made: Any = create_engine(url, **options)
        LEFTOVERS.watch(made)
        opened = made.dialect.name, made.dialect.driver, repr(options), len(tables._names)
        dialect, cache = known.setdefault(opened, (made.dialect, LRUCache(KEPT)))
        known.move_to_end(opened)
        if len(known) > WAYS:
            known.popitem(last=False)
        if dialect is made.dialect or dialect.server_version_info is not None:  # the first may never have connected
            made.dialect, made._compiled_cache = dialect, cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "create_engine", create)
        yield
