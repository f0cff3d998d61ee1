"""What is given to record an interaction, and what comes back. Values only: must not touch the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import Factory, frozen

from crmkit.core.operations.inputs import Input
from crmkit.i18n import texts

_ = texts("crmkit")

Visibility = Literal["private", "participants", "team", "all"]
Way = Literal["in", "out", "internal"]

Source = Annotated[str | None, Input(title=_("Source"), max_length=60, classified="internal")]
ExternalId = Annotated[str | None, Input(title=_("External id"), max_length=200, classified="internal")]


@frozen(kw_only=True)
class CustomerReference:
    """A customer, named by what another system calls it, by an e-mail address, by a telephone number, or by several of
    these, which then must agree.

    ``unmatched`` says what happens when nobody, or more than one customer, is found: "refuse" the interaction, or
    "keep" it without a customer, to be resolved later.
    """

    source: Source = None
    external_id: ExternalId = None
    email: Annotated[str | None, Input(title=_("E-mail"), max_length=254)] = None
    phone: Annotated[str | None, Input(title=_("Telephone"), max_length=60)] = None
    unmatched: Literal["refuse", "keep"] = "refuse"


@frozen(kw_only=True)
class NewLine:
    """One line of a purchase or refund.

    Amounts are in major units of the interaction's currency. ``amount`` is what the line costs; left out, it is
    quantity times unit price, rounded half to even. It may be negative, as of a discount.
    """

    sku: Annotated[str | None, Input(title=_("SKU"), max_length=120, classified="public")] = None
    product_id: Annotated[UUID | None, Input(title=_("Product"), classified="public", resource="product")] = None
    description: Annotated[str | None, Input(title=_("Description"), max_length=500, classified="internal")] = None
    quantity: Annotated[Decimal, Input(title=_("Quantity"), classified="internal")] = Decimal(1)
    unit_price: Annotated[Decimal | None, Input(title=_("Unit price"), classified="internal")] = None
    amount: Annotated[Decimal | None, Input(title=_("Amount"), classified="internal")] = None


@frozen(kw_only=True)
class NewParticipant:
    """Somebody who took part: a customer, a user, or an address (``contact_kind`` email, phone or social)."""

    role: Annotated[str, Input(title=_("Role"), max_length=20, classified="internal")]
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), classified="internal", resource="customer")] = None
    user_id: Annotated[UUID | None, Input(title=_("User"), classified="internal")] = None
    contact_kind: Literal["email", "phone", "social"] | None = None
    address: Annotated[str | None, Input(title=_("Address"), max_length=1000)] = None
    name: Annotated[str | None, Input(title=_("Name"), max_length=300, classified="personal")] = None


@frozen(kw_only=True)
class NewInteraction:
    """An interaction to record.

    ``channel`` and ``direction`` default to the kind's; ``occurred_at`` (with a zone) to the business's present;
    ``currency`` to the base currency; ``amount`` is in major units and defaults to the total of the lines;
    ``duration`` is in seconds. With ``source`` and ``external_id`` it is recorded once, however often it comes.
    ``about_external_id`` names an interaction of the same ``source`` that this one is about, such as the invoice that
    a refund gives back. ``create_products`` adds a product for each SKU that is not in the catalogue.
    """

    kind: Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")]
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), classified="internal", resource="customer")] = None
    customer: CustomerReference | None = None
    channel: Annotated[str | None, Input(title=_("Channel"), max_length=30, classified="internal")] = None
    direction: Way | None = None
    occurred_at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None
    subject: Annotated[str | None, Input(title=_("Subject"), max_length=500, classified="text")] = None
    body: Annotated[str | None, Input(title=_("Text"), max_length=1_000_000, classified="text", multiline=True)] = None
    payload: Annotated[Mapping[str, Any], Input(title=_("Details"))] = Factory(dict[str, Any])
    amount: Annotated[Decimal | None, Input(title=_("Amount"), classified="internal")] = None
    currency: Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")] = None
    duration: Annotated[
        int | None, Input(title=_("Duration (seconds)"), minimum=0, maximum=2**31 - 1, classified="internal")
    ] = None
    outcome: Annotated[str | None, Input(title=_("Outcome"), max_length=60, classified="internal")] = None
    thread: Annotated[str | None, Input(title=_("Thread"), max_length=200, classified="internal")] = None
    visibility: Visibility = "all"
    source: Source = None
    external_id: ExternalId = None
    about_id: Annotated[UUID | None, Input(title=_("About the interaction"), classified="internal")] = None
    about_external_id: Annotated[
        str | None, Input(title=_("About the interaction with the external id"), max_length=200, classified="internal")
    ] = None
    lines: tuple[NewLine, ...] = ()
    participants: tuple[NewParticipant, ...] = ()
    create_products: bool = False


@frozen(kw_only=True)
class Recorded:
    """What became of one interaction of a batch. ``duplicate`` says that its source had named it before; then the ids
    are those of what was recorded then, and nothing was changed."""

    id: UUID
    customer_id: UUID | None
    duplicate: bool = False
