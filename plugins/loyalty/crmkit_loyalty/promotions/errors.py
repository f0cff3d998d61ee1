"""The errors of promotions: codes LOY411 to LOY419."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class PromotionNotADraft(Conflict):
    """A promotion that was published is never changed."""

    code: ClassVar[str] = "LOY411"
    summary = _("A promotion that was published is not changed any more.")

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            _('Promotion "{name}" is not a draft: {state}.'),
            fix=_("Begin a new version of it."),
            name=name,
            state=state,
        )


class PromotionUsedUp(Conflict):
    """A promotion was used as often as it may be while the order was being paid."""

    code: ClassVar[str] = "LOY412"
    summary = _("The promotion has been used as often as it may be.")

    def __init__(self, title: str) -> None:
        super().__init__(
            _('"{title}" has been used as often as it may be.'), fix=_("Ask for the price anew."), title=title
        )


class OrderGivenBack(Conflict):
    """An order that was cancelled cannot use promotions again."""

    code: ClassVar[str] = "LOY413"
    summary = _("The order was cancelled.")

    def __init__(self, ref: str) -> None:
        super().__init__(_("Order {ref} was cancelled."), fix=_("Use another reference for a new order."), ref=ref)


class OrderTaken(Conflict):
    """An order reference is another customer's."""

    code: ClassVar[str] = "LOY414"
    summary = _("The order is another customer's.")

    def __init__(self, ref: str) -> None:
        super().__init__(
            _("Order {ref} used promotions for another customer."), fix=_("Give each order its own reference."), ref=ref
        )
