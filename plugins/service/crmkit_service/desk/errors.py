"""The errors of the desk: codes SVC301 to SVC349."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_service")


class AgentAway(Conflict):
    """A case was to be given to somebody who is not there."""

    code: ClassVar[str] = "SVC301"
    summary = _("They are not there.")


class UnfilledField(Conflict):
    """A text that was to be sent still has a field without a value."""

    code: ClassVar[str] = "SVC302"
    summary = _("A field in the text has no value.")


class StepRefused(Conflict):
    """A step of a macro cannot be taken on this case; nothing of the macro was done."""

    code: ClassVar[str] = "SVC303"
    summary = _("A step of the macro cannot be taken on this case.")
