"""The errors of maps: codes JRN111 to JRN119."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_journey")


class MapChanged(Conflict):
    """Somebody else has saved the map since it was read."""

    code: ClassVar[str] = "JRN111"
    summary = _("Somebody else has saved the map meanwhile.")

    def __init__(self, name: str, number: int) -> None:
        super().__init__(
            _("Somebody else has saved revision {number} of the map {name} meanwhile."),
            fix=_("Open it again; nothing was overwritten."),
            name=name,
            number=number,
        )
