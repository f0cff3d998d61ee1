"""The errors of programmes: codes LOY101 to LOY199."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts

_ = texts("crmkit_loyalty")


class NotAMember(Conflict):
    """A customer does not take part in a programme."""

    code: ClassVar[str] = "LOY101"
    summary = _("The customer does not take part in the programme.")

    def __init__(self, title: str) -> None:
        super().__init__(
            _('The customer does not take part in "{title}".'), fix=_("Have them join it first."), title=title
        )


class StillHasPoints(Conflict):
    """Who leaves, or an account that is closed, still has points."""

    code: ClassVar[str] = "LOY102"
    summary = _("The account still has points.")

    def __init__(self, number: str, points: int) -> None:
        super().__init__(
            _("Account {number} still has {points} points."),
            fix=_("Spend or transfer them, or say that they are given up."),
            number=number,
            points=points,
        )


def problem(field: str, message: str, **values: object) -> InvalidInput:
    """Return the error for one field."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
