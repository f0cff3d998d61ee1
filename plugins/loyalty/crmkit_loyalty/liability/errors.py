"""The errors of liability: codes LOY601 to LOY609."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class AlreadyClosed(Conflict):
    """The points of a programme were closed for this day, or for a later one."""

    code: ClassVar[str] = "LOY601"
    summary = _("The points were closed for this day already.")

    def __init__(self, day: date) -> None:
        super().__init__(
            _("The points are closed up to {day}."), fix=_("What was booked stays; close a later day."), day=day
        )
        self.day = day
