"""The first half of recording: what can be said of an interaction without looking into the database.

A draft is an input on its way to rows, with the problems found so far. Must not read or write.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import Factory, define, frozen

from crmkit.core.interactions.amounts import AmountError, LineAmounts, currency_places, line_amounts, to_minor, total
from crmkit.core.interactions.inputs import NewInteraction
from crmkit.core.interactions.payloads import read_payload
from crmkit.core.store.ids import new_id
from crmkit.errors import Problem
from crmkit.hooks.contributions import InteractionKind
from crmkit.i18n import Text, texts

_ = texts("crmkit")

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far ahead of the present an interaction may lie: as far as clocks and time zones can differ."""


@frozen(kw_only=True)
class Surroundings:
    """What drafts are checked against: kinds, channels, base currency, the present of the business."""

    kinds: Mapping[str, InteractionKind]
    channels: Mapping[str, Any]
    base_currency: str | None
    now: datetime
    latest: datetime


@define(kw_only=True)
class Draft:
    """One input of a batch on its way to rows."""

    item: NewInteraction
    id: UUID = Factory(new_id)
    problems: list[Problem] = Factory(list[Problem])
    channel: str = ""
    direction: str = ""
    occurred_at: datetime
    payload: dict[str, Any] = Factory(dict[str, Any])
    currency: str | None = None
    amount_minor: int | None = None
    lines: Sequence[LineAmounts] = ()
    customer_id: UUID | None = None
    about_id: UUID | None = None
    product_ids: list[UUID | None] = Factory(list[UUID | None])
    known_as: Draft | None = None
    """The draft of the same batch that has the same key and came first."""
    existing: tuple[UUID, UUID | None] | None = None
    """Id and customer of what was recorded under the key before."""

    @property
    def key(self) -> tuple[str, str] | None:
        """Return the pair that makes recording idempotent, or None where the input has none."""
        source, external_id = self.item.source, self.item.external_id
        return None if source is None or external_id is None else (source, external_id)

    @property
    def is_new(self) -> bool:
        """Say whether the draft is to be written."""
        return not self.problems and self.existing is None and self.known_as is None

    def refuse(self, message: Text, field: str | None, value: object = None, **values: Any) -> None:
        """Note a problem."""
        self.problems.append(Problem("CK500", message, field=field, value=value, **values))


def draft(item: NewInteraction, around: Surroundings) -> Draft:
    """Return the draft of an input, with every problem that needs no database to be seen."""
    made = Draft(item=item, occurred_at=item.occurred_at or around.now, customer_id=item.customer_id)
    made.about_id = item.about_id
    kind = around.kinds.get(item.kind)
    if kind is None:
        _refuse_name(made, "kind", item.kind, _("There is no such kind of interaction."), around.kinds)
    else:
        _apply_kind(made, kind, around)
    if (item.source is None) != (item.external_id is None) or item.source == "" or item.external_id == "":
        made.refuse(
            _("Source and external id are given together or not at all."),
            "external_id" if item.source else "source",
        )
    if not EARLIEST <= made.occurred_at <= around.latest:
        made.refuse(
            _("This lies in the future.") if made.occurred_at > around.latest else _("This lies too far back."),
            "occurred_at",
            made.occurred_at,
        )
    reference = item.customer
    if reference is not None:
        if item.customer_id is not None:
            made.refuse(_("Name the customer by its id or by a reference, not by both."), "customer")
        if (reference.source is None) != (reference.external_id is None):
            made.refuse(_("Source and external id are given together or not at all."), "customer.external_id")
        if reference.external_id is None and reference.email is None and reference.phone is None:
            made.refuse(_("Nothing is given to find the customer by."), "customer")
    _check_participants(made)
    return made


def _apply_kind(made: Draft, kind: InteractionKind, around: Surroundings) -> None:
    item = made.item
    made.direction = item.direction or kind.direction
    made.channel = item.channel or kind.channel
    if item.channel is not None and item.channel not in around.channels:
        _refuse_name(made, "channel", item.channel, _("There is no such channel."), around.channels)
    if item.payload or kind.payload:
        made.payload, problems = read_payload(kind, item.payload)
        made.problems += problems
    if item.lines and not kind.lines:
        made.refuse(_("This kind has no purchase lines."), "lines")
    elif (item.amount is not None or item.currency is not None) and kind.money == "none":
        made.refuse(_("This kind has no amount."), "amount")
    elif item.amount is not None or item.lines:
        _apply_money(made, around)
    elif kind.money == "required":
        made.refuse(_("This kind needs an amount or lines."), "amount")


def _apply_money(made: Draft, around: Surroundings) -> None:
    item = made.item
    currency = (item.currency or "").strip().upper() or around.base_currency
    if currency is None:
        made.refuse(_("Name a currency, as the business has no base currency yet."), "currency")
        return
    try:
        digits = currency_places(currency)
        lines: list[LineAmounts] = []
        for number, line in enumerate(item.lines):
            try:
                lines.append(line_amounts(line, digits, currency, f"lines.{number}"))
            except AmountError as error:
                made.problems.append(error.problem)
            if line.sku is not None and line.product_id is not None:
                made.refuse(_("Name the product by its id or by its SKU, not by both."), f"lines.{number}.sku")
            elif line.sku == "":
                made.refuse(_("This cannot be empty."), f"lines.{number}.sku")
        given = None if item.amount is None else to_minor(item.amount, digits, currency, "amount")
        if len(lines) == len(item.lines):
            made.amount_minor = total(given, lines, digits)
        made.currency = currency
        made.lines = lines
    except AmountError as error:
        made.problems.append(error.problem)


def _check_participants(made: Draft) -> None:
    for number, one in enumerate(made.item.participants):
        where = f"participants.{number}"
        if (one.contact_kind is None) != (one.address is None) or one.address == "":
            made.refuse(_("An address and its kind are given together."), f"{where}.address")
        elif one.customer_id is None and one.user_id is None and one.address is None and not one.name:
            made.refuse(_("Name a customer, a user, an address or a name."), where)
        if one.customer_id is not None and one.user_id is not None:
            made.refuse(_("A participant is a customer or a user, not both."), f"{where}.user_id")
        if not one.role:
            made.refuse(_("This cannot be empty."), f"{where}.role")


def _refuse_name(made: Draft, field: str, value: str, message: Text, known: Mapping[str, Any]) -> None:
    close = difflib.get_close_matches(value, known, 1)
    made.refuse(
        message,
        field,
        value,
        hint=_('Did you mean "{close}"?') if close else _("Known: {known}."),
        close=close[0] if close else "",
        known=", ".join(known),
    )
