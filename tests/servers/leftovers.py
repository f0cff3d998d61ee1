"""What a failed test has left open is closed with it.

Where a connection was only collected as garbage some time later, its warning would fail a test that has nothing to do
with it. Must not know why a test failed.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from attrs import define, field
from sqlalchemy import Engine, event


@define
class Leftovers:
    """The connections of the engines that the present test has opened."""

    _connections: list[Any] = field(factory=list)
    _shared: int = 0

    @contextlib.contextmanager
    def sharing(self, shared: bool) -> Iterator[None]:
        """Leave alone what is opened in the block, if several tests share it."""
        self._shared += shared
        try:
            yield
        finally:
            self._shared -= shared

    @property
    def shared(self) -> bool:
        """Whether what is opened now is for several tests."""
        return self._shared > 0

    def watch(self, engine: Engine) -> None:
        """Note the connections of an engine, unless it is shared."""
        if not self._shared:
            event.listen(engine, "connect", lambda connection, record: self._connections.append(connection))

    def end(self, *, failed: bool) -> None:
        """Let go of what a test that has failed still holds, and close its connections; another closes its own."""
        if failed:
            _collect()
            for connection in self._connections:
                with contextlib.suppress(Exception):
                    connection.close()
        self._connections.clear()


def _collect() -> None:
    # The interpreter keeps the last exception, and with it all that the test had in hand.
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        with contextlib.suppress(AttributeError):
            delattr(sys, name)
    hook = sys.unraisablehook
    sys.unraisablehook = lambda _unraisable: None
    try:
        with warnings.catch_warnings(action="ignore"):
            gc.collect()
    finally:
        sys.unraisablehook = hook


LEFTOVERS = Leftovers()
"""Those of this test process."""
