"""The errors of reviews: codes EXP301 to EXP399."""

from __future__ import annotations

from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, Refused, texts
from crmkit_experience.reviews.words import STATES

_ = texts("crmkit_experience")


class ReviewInState(Conflict):
    """Something was asked of a review that its state does not allow; says in which it is."""

    code: ClassVar[str] = "EXP301"
    summary = _("The review is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This review is in the state "{state}".'),
            fix=_("Look at what became of it."),
            state=STATES[state],
        )


class TooLate(Conflict):
    """The time in which a review can be changed or disputed is over."""

    code: ClassVar[str] = "EXP302"
    summary = _("The time for it is over.")

    def __init__(self, days: int) -> None:
        super().__init__(_("This can be done for {days} days."), fix=_("Talk to whoever leads the reviews."), days=days)


class NotYours(Refused):
    """Somebody wanted to judge, or to decide about, what they must not."""

    code: ClassVar[str] = "EXP303"
    summary = _("This is for somebody else to do.")


class NotPublished(Conflict):
    """A scorecard was to be used of which nothing was published."""

    code: ClassVar[str] = "EXP304"
    summary = _("The scorecard was not published yet.")

    def __init__(self, name: str) -> None:
        super().__init__(_('The scorecard "{name}" is not published.'), fix=_("Publish its draft first."), name=name)


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
