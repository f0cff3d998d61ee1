"""What leaves the house over the API: noted before it begins and when it has ended, however it ended.

Must not know what leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.web.rest.calls import RestCall


class Leaving:
    """An export: its beginning is checked and audited when the block is entered, its rows when it is left.

    An answer that is sent while it is made takes the export over (`keep`) and uses that as its own block: what was sent
    is audited then, also where the caller went away in the middle.
    """

    def __init__(self, call: RestCall, values: Mapping[str, Any], *, begun: bool = False) -> None:
        self._call = call
        self._values = dict(values)
        self._begun = begun
        self._kept = False
        self.rows = 0

    def __enter__(self) -> Leaving:
        if not self._begun:
            # Without the call's idempotency key: what leaves twice is noted twice.
            self._call.call.check_step_up("export.start")
            self._call.crm.run(self._call.actor, "export.start", self._values)
            self._begun = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kept or (error is not None and self.rows == 0):
            return
        self._call.crm.run(self._call.actor, "export.finish", {**self._values, "rows": self.rows})

    def keep(self) -> Leaving:
        """Return the same export for another block, which notes its end."""
        self._kept = True
        return Leaving(self._call, self._values, begun=True)
