"""The errors of asking: codes FBK201 to FBK299."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_feedback.asking.words import DISTRIBUTION_STATES, INVITATION_STATES

_ = texts("crmkit_feedback")


class DistributionInState(Conflict):
    """A distribution is in a state in which something cannot be done with it."""

    code: ClassVar[str] = "FBK201"
    summary = _("This cannot be done with the distribution in its state.")

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            _('This cannot be done with distribution "{name}": it is "{state}".'),
            name=name,
            state=DISTRIBUTION_STATES.get(state, state),
        )


class CannotSend(Conflict):
    """Nothing carries the messages of a distribution."""

    code: ClassVar[str] = "FBK202"
    summary = _("Messages cannot be sent.")

    def __init__(self) -> None:
        super().__init__(
            _("Messages cannot be sent."),
            fix=_("Enable plugin messaging and set public_url, or ask by a link or a call list."),
        )


class NotToBeCalled(Conflict):
    """An invitation is not one that is to be called, or not any more."""

    code: ClassVar[str] = "FBK203"
    summary = _("This customer is not to be called.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This customer is not to be called: the invitation is "{state}".'),
            fix=_("Take the next one."),
            state=INVITATION_STATES.get(state, state),
        )
