"""The errors of the ledger: codes LOY201 to LOY299."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class NotEnoughPoints(Conflict):
    """An account has fewer points than are to be spent; says how many."""

    code: ClassVar[str] = "LOY201"
    summary = _("There are fewer points than are to be spent.")

    def __init__(self, wanted: int, available: int, title: str) -> None:
        super().__init__(
            _("{wanted} are wanted, and {available} can be spent: {title}."),
            fix=_("Spend less, or wait until more are available."),
            wanted=wanted,
            available=available,
            title=title,
        )
        self.wanted, self.available = wanted, available


class HoldEnded(Conflict):
    """A reservation was spent, given up or has run out already."""

    code: ClassVar[str] = "LOY202"
    summary = _("The reservation has ended.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _("The reservation has ended: {state}."), fix=_("Reserve points anew where they are needed."), state=state
        )


class AccountNotOpen(Conflict):
    """Points of an account that is blocked or closed are not moved by its members."""

    code: ClassVar[str] = "LOY203"
    summary = _("The account is not open.")

    def __init__(self, number: str, state: str) -> None:
        super().__init__(
            _("Account {number} is not open: {state}."),
            fix=_("Have it opened again first."),
            number=number,
            state=state,
        )


class KeyTaken(Conflict):
    """A key was used for another command before."""

    code: ClassVar[str] = "LOY204"
    summary = _("The key was used for something else before.")

    def __init__(self, key: str, kind: str) -> None:
        super().__init__(
            _('The key "{key}" was used before: {kind}.'),
            fix=_("Send each command with a key of its own, and the same command again with the same one."),
            key=key,
            kind=kind,
        )
