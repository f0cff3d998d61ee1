"""Who somebody probably is: customers with the same identifier, e-mail address or phone number, and what plugins add.

Likeness of names is for the plugins; here a match is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from attrs import evolve
from sqlalchemy import select

from crmkit.core.customers.bulk import setting_of
from crmkit.core.customers.contacts import match_key, normalise
from crmkit.core.customers.drafts import SHORT_POINTS
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.lookups import customers_reached
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.customers.references import chunks
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, PossibleDuplicate
from crmkit.hooks.contributions import AtEntry, Match, Probe
from crmkit.i18n import texts

_ = texts("crmkit")

HOOK = "crmkit_match_customers"
BY_IDENTIFIER, BY_EMAIL, BY_PHONE = 1.0, 0.95, 0.8
"""Scores: an identifier is the customer's own, an address nearly always, a phone is shared by households and
offices."""
_STRICTNESS: tuple[AtEntry, ...] = ("", "warn", "block")
_DETAILS = (
    "kind", "family_name", "given_name", "middle_name", "birth_date", "gender", "identity_number",
    "registration_number", "organization", "website", "country", "province", "city", "district", "street",
    "postal_code",
)  # fmt: skip
"""What of a new customer plugins compare, beside its name, its contacts and its identifiers."""
_SCORES = {"email": (BY_EMAIL, _("Same e-mail address")), "phone": (BY_PHONE, _("Same phone number"))}


def find_exact(session: CrmSession, probes: Sequence[Probe], *, plugins: bool = True) -> list[tuple[Match, ...]]:
    """Return for each probe the customers that it probably is, the best first; deleted ones are left out.

    A customer comes once, with its best score and the reason for it. With ``plugins`` the evidence of plugins is added;
    one that fails is left out.
    """
    found: list[dict[UUID, Match]] = [{} for _probe in probes]

    def add(match: Match) -> None:
        known = found[match.probe].get(match.customer_id)
        if known is not None:
            best = match if match.score > known.score else known
            match = evolve(best, at_entry=max(known.at_entry, match.at_entry, key=_STRICTNESS.index))
        found[match.probe][match.customer_id] = match

    for match in (*_by_identifier(session, probes), *_by_contact(session, probes)):
        add(match)
    dispatcher = session.gate.dispatcher
    if plugins and dispatcher.implementers(HOOK):
        for contribution in dispatcher.collect(HOOK, session=session, probes=probes):
            for match in cast("Sequence[Match]", contribution.value or ()):
                if 0 <= match.probe < len(probes):
                    add(evolve(match, score=min(max(match.score, 0.0), 1.0)))
    return [tuple(sorted(matches.values(), key=lambda match: (-match.score, match.customer_id))) for matches in found]


def _by_identifier(session: CrmSession, probes: Sequence[Probe]) -> list[Match]:
    wanted: dict[str, dict[str, list[int]]] = {}
    for place, probe in enumerate(probes):
        for source, external in probe.identifiers:
            wanted.setdefault(source, {}).setdefault(external, []).append(place)
    found: list[Match] = []
    for source, externals in wanted.items():
        for part in chunks(externals):
            rows = session.execute(
                select(CustomerIdentifier.external_id, CustomerIdentifier.customer_id)
                .join(Customer, Customer.id == CustomerIdentifier.customer_id)
                .where(
                    CustomerIdentifier.source == source,
                    CustomerIdentifier.external_id.in_(part),
                    Customer.deleted_at.is_(None),
                )
            )
            for external, customer_id in rows:
                found.extend(
                    Match(probe=place, customer_id=customer_id, score=BY_IDENTIFIER, reason=_("Same identifier"))
                    for place in externals[external]
                )
    return found


def _by_contact(session: CrmSession, probes: Sequence[Probe]) -> list[Match]:
    wanted: dict[str, dict[str, list[int]]] = {}
    for place, probe in enumerate(probes):
        for kind, value in probe.contacts:
            key = match_key(kind, value) if kind in _SCORES else None
            if key is not None:
                wanted.setdefault(kind, {}).setdefault(key, []).append(place)
    found: list[Match] = []
    for kind, keys in wanted.items():
        score, reason = _SCORES[kind]
        for key, customer_id in customers_reached(session, kind, keys):
            found.extend(Match(probe=place, customer_id=customer_id, score=score, reason=reason) for place in keys[key])
    return found


def probes_of(session: CrmSession, news: Sequence[NewCustomer]) -> list[Probe]:
    """Return what is known of new customers as probes; contact values that are not valid are left out."""
    config = setting_of(session).config
    probes: list[Probe] = []
    for new in news:
        region = _region(new.country) or config.country
        given = [
            (kind, getattr(new, name), None) for name, (kind, _label) in SHORT_POINTS.items() if getattr(new, name)
        ]
        given += [(point.kind, point.value, point.details) for point in new.contact_points if point.kind in _SCORES]
        contacts: list[tuple[str, str]] = []
        for kind, value, details in given:
            try:
                contacts.append((kind, normalise(kind, value, region=region, details=details).match_key))
            except InvalidInput:
                continue
        identifiers = [(item.source.strip(), item.external_id.strip()) for item in new.identifiers]
        source = new.identifier_source or new.source
        if new.external_id and source:
            identifiers.append((source.strip(), new.external_id.strip()))
        details = {name: value for name in _DETAILS if (value := getattr(new, name))}
        probes.append(Probe(name=new.name, contacts=contacts, identifiers=identifiers, details=details))
    return probes


def refuse_known(session: CrmSession, new: NewCustomer) -> None:
    """Return where nobody whom the actor may see stands in the way of adding a customer. Whom plugins take for the same
    one does, as far as they say; what the framework itself adds is not asked about.

    Raises PossibleDuplicate with those who do.
    """
    if session.gate.rights(session).unrestricted or not session.gate.dispatcher.implementers(HOOK):
        return
    (matches,) = find_exact(session, probes_of(session, [new]))
    asked = ("block",) if new.despite_duplicates else ("warn", "block")
    held = tuple(match for match in matches if match.at_entry in asked)
    if held:
        raise PossibleDuplicate.of(
            [(match.customer_id, match.score, match.reason) for match in held],
            final=any(match.at_entry == "block" for match in held),
        )


def _region(country: str | None) -> str | None:
    from crmkit.core.business.places import country_code

    return country_code(country) if country else None
