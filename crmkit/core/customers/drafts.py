"""From the input for a new customer to the rows that will be written: names, contact points, tags, identifiers,
consent.

What the database has to be asked for (owners, parents, identifiers that are taken) is left to the writers. Must not
touch the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field

from crmkit.core.business.config import Config
from crmkit.core.business.options import check_option
from crmkit.core.business.standards import named
from crmkit.core.customers.checks import Setting, check_fields, check_identity, plain_text
from crmkit.core.customers.contacts import ADDRESS_PARTS, Contact, normalise
from crmkit.core.customers.custom import custom_values, json_problem
from crmkit.core.customers.inputs import NewConsent, NewContactPoint, NewCustomer, NewIdentifier
from crmkit.core.customers.names import NameParts, folded, sort_name, split_name, whole_name
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import mask
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

SHORT_POINTS: Mapping[str, tuple[str, str | None]] = {
    "email": ("email", None),
    "mobile": ("phone", "mobile"),
    "phone": ("phone", None),
}
"""Fields that are short for a contact point: its kind and label."""
_COPIED = (
    "salutation", "job_title", "birth_date", "gender", "occupation", "language", "time_zone", "identity_kind",
    "industry", "size", "registration_number", "website", "country", "province", "city", "source", "parent_id",
    "owner_id", "team_id",
)  # fmt: skip
_FULL_ADDRESS = ("street", "postal_code", "district")
"""What makes an address one that something can be sent to; a city alone says where the customer is."""
_LEEWAY = timedelta(minutes=5)
"""How far the clock of whoever records something may be ahead."""


@define(kw_only=True)
class Draft:
    """The rows of a customer that is about to be written. ``error`` is set where it is refused."""

    id: UUID = field(factory=new_id)
    row: dict[str, Any] = field(factory=dict[str, Any])
    points: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    tags: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    identifiers: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    consents: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    organization: str | None = None
    error: CrmkitError | None = None


def draft_of(new: NewCustomer, setting: Setting, now: datetime, *, check_required: bool = True) -> Draft:
    """Return the draft of a new customer; ``now`` is the business's present in UTC. Problems are in its ``error``."""
    problems: list[Problem] = []
    row: dict[str, Any] = {"kind": new.kind, "standing": new.standing}
    for name in _COPIED:
        row[name] = getattr(new, name)
    check_fields(row, setting, problems)
    row["identity_number"] = check_identity(new.identity_kind, new.identity_number, problems)
    row["converted_at"] = (new.converted_at or now) if new.standing == "customer" else None
    region = row["country"] if not problems else None
    points = collect_points(new.contact_points, _short(new), region or setting.config.country, problems)
    for point in points:
        if point["kind"] == "address":
            for part in ("country", "province", "city"):
                row[part] = row[part] or point["details"].get(part)
            break
    _name(new, row, points, problems)
    draft = Draft(
        row=row,
        points=points,
        tags=collect_tags(new.tags, new.interests, problems),
        identifiers=collect_identifiers(
            new.external_id, new.identifier_source or new.source, new.identifiers, problems
        ),
        consents=[_consent(item, place, setting, now, problems) for place, item in enumerate(new.consents)],
        organization=new.organization if new.organization and folded(new.organization) else None,
    )
    row["preferences"] = dict(new.preferences)
    problem = json_problem(new.preferences, "preferences") if new.preferences else None
    if problem is not None:
        problems.append(problem)
    custom = custom_values(setting.config, "customer", new.custom, problems) if new.custom else {}
    row["custom"] = {name: value for name, value in custom.items() if value is not None}
    if check_required:
        missing_fields(draft, setting.config, problems)
    if problems:
        draft.error = InvalidInput(problems)
    return draft


def _short(new: NewCustomer) -> dict[str, Any]:
    return {name: value for name in (*SHORT_POINTS, *ADDRESS_PARTS) if (value := getattr(new, name))}


def collect_points(
    given: Sequence[NewContactPoint], short: Mapping[str, Any], region: str | None, problems: list[Problem]
) -> list[dict[str, Any]]:
    """Return the rows of contact points, in their order, without repeats, one of each kind preferred.

    ``short`` holds the fields that are short for a contact point; ``region`` is for phone numbers without country code.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def add(contact: Contact, preferred: bool, verified_at: datetime | None) -> None:
        key = contact.kind, contact.match_key
        known = found.get(key)
        if known is None:
            found[key] = {
                "kind": contact.kind,
                "value": contact.value,
                "match_key": contact.match_key,
                "label": contact.label,
                "details": dict(contact.details),
                "preferred": preferred,
                "verified_at": verified_at,
            }
        else:
            known["preferred"] = known["preferred"] or preferred
            known["verified_at"] = known["verified_at"] or verified_at
            known["label"] = known["label"] or contact.label

    for name, (kind, label) in SHORT_POINTS.items():
        value = short.get(name)
        if value and not value.isspace():
            try:
                contact = normalise(kind, value, region=region)
                add(Contact(**_parts(contact), label=label) if label else contact, False, None)
            except InvalidInput as error:
                problems.extend(named(problem, name) for problem in error.problems)
    if any(short.get(name) for name in _FULL_ADDRESS):
        try:
            add(normalise("address", "", details={name: short.get(name) for name in ADDRESS_PARTS}), False, None)
        except InvalidInput as error:
            # The country is the customer's own and was told of already.
            problems.extend(problem for problem in error.problems if problem.field != "country")
    for place, item in enumerate(given):
        try:
            contact = normalise(item.kind, item.value, region=region, details=item.details)
            flaw = json_problem(contact.details, "details")
            if flaw is not None:
                raise InvalidInput([flaw])
            if item.verified_at is not None and item.verified_at > system_now() + _LEEWAY:
                raise InvalidInput([Problem("CK500", _("This is in the future."), field="verified_at")])
            add(Contact(**_parts(contact), label=item.label), item.preferred, item.verified_at)
        except InvalidInput as error:
            for problem in error.problems:
                where = "" if problem.field else "value"
                problems.append(named(problem, f"contact_points.{place}", where))
    rows = list(found.values())
    prefer_one(rows)
    for position, row in enumerate(rows):
        row["position"] = position
    return rows


def _parts(contact: Contact) -> dict[str, Any]:
    return {"kind": contact.kind, "value": contact.value, "match_key": contact.match_key, "details": contact.details}


def prefer_one(rows: Sequence[dict[str, Any]]) -> None:
    """Make exactly one contact point of each kind the preferred one: the first that is marked, else the first."""
    chosen: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["preferred"] and row["kind"] not in chosen:
            chosen[row["kind"]] = row
    for row in rows:
        chosen.setdefault(row["kind"], row)
    for row in rows:
        row["preferred"] = chosen[row["kind"]] is row


def _name(new: NewCustomer, row: dict[str, Any], points: Sequence[dict[str, Any]], problems: list[Problem]) -> None:
    parts = NameParts(
        family=plain_text(new.family_name), given=plain_text(new.given_name), middle=plain_text(new.middle_name)
    )
    name = plain_text(new.name)
    if name is None:
        name = whole_name(parts)
        if not name and points:
            # Somebody who wrote or called and did not say who: shown as what is known, as far as a name may say it.
            name = str(mask(str(points[0]["value"])))
        if not name:
            problems.append(
                Problem("CK500", _("A name is required."), field="name", hint=_("Or give a way to reach the customer."))
            )
            name = ""
    elif new.kind == "person" and parts == NameParts():
        parts = split_name(name)
    row["name"] = name[:300]
    row["name_key"] = folded(row["name"])
    row["family_name"], row["given_name"], row["middle_name"] = parts.family, parts.given, parts.middle
    row["sort_name"] = plain_text(new.sort_name) or sort_name(row["name"], parts)


def collect_tags(tags: Iterable[str], interests: Iterable[str], problems: list[Problem]) -> list[tuple[str, str]]:
    """Return pairs of kind and name of tags and interests, without repeats and empty ones."""
    found: dict[tuple[str, str], None] = {}
    for kind, field_name, names in (("tag", "tags", tags), ("interest", "interests", interests)):
        for name in names:
            plain = name.strip()
            if len(plain) > 120:
                problems.append(
                    Problem("CK500", _("This is longer than {limit}."), field=field_name, value=name, limit=120)
                )
            elif plain:
                found[kind, plain] = None
    return list(found)


def collect_identifiers(
    external_id: str | None, source: str | None, given: Iterable[NewIdentifier], problems: list[Problem]
) -> list[tuple[str, str]]:
    """Return pairs of source and external id."""
    found = {(item.source.strip(), item.external_id.strip()): None for item in given}
    if external_id and external_id.strip():
        if not source or not source.strip() or len(source.strip()) > 60:
            problems.append(
                Problem(
                    "CK500",
                    _("It is not said which system the external id comes from."),
                    field="identifier_source",
                    hint=_("Give the identifier_source."),
                )
            )
        else:
            found[source.strip(), external_id.strip()] = None
    if any(not source_ or not external for source_, external in found):
        problems.append(Problem("CK500", _("An identifier needs a source and an id."), field="identifiers"))
    return list(found)


def _consent(new: NewConsent, place: int, setting: Setting, now: datetime, problems: list[Problem]) -> dict[str, Any]:
    found: list[Problem] = []
    row = consent_row(new, setting.config, now, found)
    problems.extend(named(problem, f"consents.{place}") for problem in found)
    return row


def consent_row(new: NewConsent, config: Config, now: datetime, problems: list[Problem]) -> dict[str, Any]:
    """Return the row of a consent entry, and add what is wrong with it to ``problems``.

    Without an instant of its own it occurred now: in the business's present, in UTC.
    """
    occurred_at = new.occurred_at or now
    problems.extend(
        Problem("CK500", _("This is required."), field=name)
        for name in ("purpose", "channel")
        if not getattr(new, name).strip()
    )
    flaw = check_option(config, "consent_purpose", new.purpose, "purpose")
    if flaw is not None:
        problems.append(flaw)
    if occurred_at > max(now, system_now()) + _LEEWAY:
        problems.append(Problem("CK500", _("This is in the future."), field="occurred_at", value=new.occurred_at))
    if new.expires_at is not None and new.expires_at <= occurred_at:
        problems.append(Problem("CK500", _("It ends before it begins."), field="expires_at", value=new.expires_at))
    return {
        "purpose": new.purpose,
        "channel": new.channel,
        "granted": new.granted,
        "occurred_at": occurred_at,
        "expires_at": new.expires_at,
        "source": new.source,
        "evidence": new.evidence,
    }


def missing_fields(draft: Draft, config: Config, problems: list[Problem]) -> None:
    """Add a problem for each field that an admin has made required and that is empty."""
    kinds = {point["kind"] for point in draft.points}
    wanted = config.required.get("customer")
    if wanted:
        beside: dict[str, object] = {
            "email": "email" in kinds,
            "phone": "phone" in kinds,
            "address": "address" in kinds,
            "tags": any(kind == "tag" for kind, _name in draft.tags),
            "interests": any(kind == "interest" for kind, _name in draft.tags),
            "external_id": draft.identifiers,
            "organization": draft.organization or draft.row.get("parent_id"),
        }
        problems.extend(
            Problem("CK500", _("This is required."), field=name)
            for name in sorted(wanted)
            if not (beside[name] if name in beside else draft.row.get(name))
        )
    for name, info in config.custom_fields.get("customer", {}).items():
        if info.required and name not in draft.row["custom"]:
            problems.append(Problem("CK500", _("This is required."), field=f"custom.{name}"))
