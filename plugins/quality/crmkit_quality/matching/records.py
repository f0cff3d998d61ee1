"""A customer in the forms in which it is compared.

Must not know which comparisons there are, nor how records are blocked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from crmkit_quality.matching import contacts
from crmkit_quality.matching.addresses import Address, address, town
from crmkit_quality.matching.companies import CompanyName, company_name
from crmkit_quality.matching.model import MatchingRules
from crmkit_quality.matching.people import PersonName, person_name
from crmkit_quality.matching.text import fold

if TYPE_CHECKING:
    from crmkit import CustomerProfile

_GENDERS = {"m": "m", "f": "f", "w": "f", "男": "m", "女": "f"}
_NO_PERSON, _NO_COMPANY = PersonName(), CompanyName()
_LONGEST = 60
"""Longer values of custom fields are prose, not something that names a customer."""


@frozen(kw_only=True, slots=True)
class MatchRecord:
    """What of a customer is compared, each value in its normal form; what is not known is empty."""

    id: UUID
    kind: str
    person: PersonName
    company: CompanyName
    birth: str
    """YYYYMMDD."""
    gender: str
    identity: str
    registration: str
    employer: str
    website: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[Address, ...]
    identifiers: tuple[tuple[str, str], ...]
    custom: Mapping[str, str]


def record_of(profile: CustomerProfile, rules: MatchingRules = MatchingRules()) -> MatchRecord:
    """Return a customer in the forms in which it is compared."""
    organization = profile.kind == "organization"
    places = tuple([found for each in profile.addresses if any(found := address(each))])
    if not places and (profile.city or profile.province):
        places = (Address(city=town(profile.city), province=town(profile.province)),)
    emails = [contacts.email(each, provider_rules=rules.provider_rules) for each in profile.emails]
    phones = [found for each in profile.phones if (found := contacts.phone(each))]
    return MatchRecord(
        id=profile.id,
        kind="organization" if organization else "person",
        person=_NO_PERSON
        if organization
        else person_name(profile.name, profile.family_name, profile.given_name, profile.middle_name, profile.country),
        company=company_name(profile.name) if organization else _NO_COMPANY,
        birth="" if profile.birth_date is None or organization else _day(profile.birth_date),
        gender=_GENDERS.get(fold(profile.gender)[:1], "") if profile.gender else "",
        identity=contacts.number(profile.identity_number) if profile.identity_number else "",
        registration=contacts.number(profile.registration_number) if profile.registration_number else "",
        employer=company_name(profile.organization).core if profile.organization and not organization else "",
        website=contacts.site(profile.website) if profile.website else "",
        emails=tuple(dict.fromkeys(emails)) if len(emails) > 1 else tuple(emails),
        phones=tuple(dict.fromkeys(phones)) if len(phones) > 1 else tuple(phones),
        addresses=places,
        identifiers=profile.identifiers,
        custom=_custom(profile.custom) if profile.custom else {},
    )


def _day(value: date) -> str:
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def _custom(values: Mapping[str, Any]) -> dict[str, str]:
    """Return those custom values that can name a customer: texts, numbers and dates, but no prose, lists and choices of
    yes and no."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            text = fold(str(value))
            if text and len(text) <= _LONGEST:
                found[name] = text
    return found
