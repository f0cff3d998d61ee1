"""The second half of checking a batch: what its inputs refer to has to be there.

Must not write; queries are in `lookups`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from crmkit.core.access.models import User
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.drafts import Draft
from crmkit.core.interactions.inputs import CustomerReference
from crmkit.core.interactions.lookups import (
    Pair,
    customers_by_contact,
    customers_by_identifier,
    existing_ids,
    products_by_sku,
    recorded_keys,
)
from crmkit.core.interactions.models import Interaction, Product
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@frozen
class Clue:
    """One thing that a reference says about its customer: the field, and what it is looked up by (None when it is not
    a valid e-mail address or telephone number)."""

    field: str
    kind: str
    key: Pair | None


def clues(reference: CustomerReference, region: str | None) -> list[Clue]:
    """Return what a reference says about its customer."""
    found: list[Clue] = []
    if reference.source is not None and reference.external_id is not None:
        found.append(Clue("external_id", "id", (reference.source, reference.external_id)))
    for kind, value in (("email", reference.email), ("phone", reference.phone)):
        if value is not None:
            key = match_key(kind, value, region=region)
            found.append(Clue(kind, kind, None if key is None else (kind, key)))
    return found


def find_customers(session: CrmSession, drafts: Sequence[Draft], region: str | None) -> None:
    """Find the customers that drafts name by id or reference.

    A customer that is not there, or not for certain, is a problem of the draft, unless its reference says that the
    interaction may be kept without one.
    """
    _check_ids(session, drafts)
    said = [(made, clues(made.item.customer, region)) for made in drafts if made.item.customer is not None]
    if not said:
        return
    every = {(clue.kind, clue.key) for _made, found in said for clue in found if clue.key is not None}
    by_identifier = customers_by_identifier(session, {key for kind, key in every if kind == "id"})
    by_contact = customers_by_contact(session, {key for kind, key in every if kind != "id"})
    for made, found in said:
        reference = made.item.customer
        assert reference is not None
        answers: list[set[UUID]] = []
        for clue in found:
            if clue.key is None:
                answers.append(set())
                if reference.unmatched == "refuse":
                    made.refuse(_("This cannot be read."), f"customer.{clue.field}", getattr(reference, clue.field))
            elif clue.kind == "id":
                known = by_identifier.get(clue.key)
                answers.append(set() if known is None else {known})
            else:
                answers.append(by_contact.get(clue.key, set()))
        _decide(made, reference, found, answers)


def _decide(made: Draft, reference: CustomerReference, found: Sequence[Clue], answers: Sequence[set[UUID]]) -> None:
    matched = [answer for answer in answers if answer]
    candidates = matched[0].intersection(*matched[1:]) if matched else set[UUID]()
    if len(candidates) == 1:
        made.customer_id = next(iter(candidates))
    elif reference.unmatched == "keep" or made.problems:
        return
    elif not matched:
        field = found[0].field if len(found) == 1 else None
        value = getattr(reference, field) if field else None
        made.refuse(_("No customer is known by this."), f"customer.{field}" if field else "customer", value)
    elif candidates:
        made.refuse(_("{count} customers are known by this."), "customer", count=len(candidates))
    else:
        made.refuse(_("These belong to different customers."), "customer")


def _check_ids(session: CrmSession, drafts: Sequence[Draft]) -> None:
    customers = {made.item.customer_id for made in drafts if made.item.customer_id is not None}
    users: set[UUID] = set()
    for made in drafts:
        for one in made.item.participants:
            if one.customer_id is not None:
                customers.add(one.customer_id)
            if one.user_id is not None:
                users.add(one.user_id)
    known = existing_ids(session, Customer.id, customers, Customer.deleted_at.is_(None))
    known_users = existing_ids(session, User.id, users)
    for made in drafts:
        identity = made.item.customer_id
        if identity is not None and identity not in known:
            made.refuse(_("There is no such customer."), "customer_id", identity)
        for number, one in enumerate(made.item.participants):
            if one.customer_id is not None and one.customer_id not in known:
                made.refuse(_("There is no such customer."), f"participants.{number}.customer_id", one.customer_id)
            if one.user_id is not None and one.user_id not in known_users:
                made.refuse(_("There is no such user."), f"participants.{number}.user_id", one.user_id)


def find_about(session: CrmSession, drafts: Sequence[Draft]) -> None:
    """Find the interactions that drafts are about, by id or by what their source calls them; one of the same batch will
    do."""
    here = {made.key: made.id for made in drafts if made.key is not None and not made.problems}
    pairs = {pair for made in drafts if (pair := _about_key(made)) is not None and pair not in here}
    known = {pair: found[0] for pair, found in recorded_keys(session, pairs).items()}
    for made in drafts:
        pair = _about_key(made)
        if pair is not None and made.about_id is None:
            made.about_id = here.get(pair, known.get(pair))
            if made.about_id is None:
                _refuse_about(made)
    wanted = {made.about_id for made in drafts if made.about_id is not None} - set(here.values())
    there = existing_ids(session, Interaction.id, wanted)
    for made in drafts:
        if made.about_id in wanted and made.about_id not in there:
            _refuse_about(made)


def refuse_orphans(drafts: Sequence[Draft]) -> None:
    """Refuse drafts that are about one of the same batch which is refused itself."""
    refused = {made.id for made in drafts if made.problems}
    while found := [made for made in drafts if made.about_id in refused and made.id not in refused]:
        for made in found:
            _refuse_about(made)
            refused.add(made.id)


def _about_key(made: Draft) -> Pair | None:
    source, external_id = made.item.source, made.item.about_external_id
    return None if source is None or external_id is None or made.problems else (source, external_id)


def _refuse_about(made: Draft) -> None:
    named = made.item.about_id is None
    field = "about_external_id" if named else "about_id"
    made.refuse(_("There is no such interaction."), field, made.item.about_external_id if named else made.about_id)


def find_products(session: CrmSession, drafts: Sequence[Draft]) -> dict[str, str]:
    """Find the products of the drafts' lines, and tell which drafts repeat the key of an earlier one.

    Drafts are settled in their order, so that each stands as it would if it came alone after those before it: a draft
    that is refused claims no key and adds no product. Return the SKUs that are to be added to the catalogue, each with
    the title that its first line gives it.
    """
    skus: set[str] = set()
    ids: set[UUID] = set()
    for made in drafts:
        for line in made.item.lines:
            if line.sku is not None:
                skus.add(line.sku)
            elif line.product_id is not None:
                ids.add(line.product_id)
    by_sku = products_by_sku(session, skus)
    known = existing_ids(session, Product.id, ids)
    missing: dict[str, str] = {}
    first: dict[Pair, Draft] = {}
    for made in drafts:
        key = made.key
        if key is not None and key in first:
            made.known_as = first[key]
            made.problems.clear()
            continue
        added = _settle_lines(made, by_sku, known, missing)
        if not made.problems:
            missing.update(added)
            if key is not None:
                first[key] = made
    return missing


def _settle_lines(
    made: Draft, by_sku: Mapping[str, UUID], known: Collection[UUID], missing: Mapping[str, str]
) -> dict[str, str]:
    """Find the products of a draft's lines; return those that it adds to the catalogue, with their titles."""
    added: dict[str, str] = {}
    for number, line in enumerate(made.item.lines):
        identity = line.product_id
        if line.sku is not None:
            identity = by_sku.get(line.sku)
            if identity is None and line.sku not in missing:
                if made.item.create_products:
                    added.setdefault(line.sku, (line.description or line.sku)[:300])
                else:
                    made.refuse(_("There is no product with this SKU."), f"lines.{number}.sku", line.sku)
        elif identity is not None and identity not in known:
            made.refuse(_("There is no such product."), f"lines.{number}.product_id", identity)
        made.product_ids.append(identity)
    return added
