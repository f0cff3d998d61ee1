"""Who somebody probably is, at the moment at which he is added, imported or writes in: asked of the index, with
reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from crmkit import Actor, CrmSession, CustomerProfile, Match, PostalAddress, customer_profiles, new_id, texts
from crmkit.hooks.contributions import Probe
from crmkit_quality.duplicates.index import candidates
from crmkit_quality.duplicates.searching import model_at_hand
from crmkit_quality.duplicates.wording import reason_of
from crmkit_quality.settings import AtEntry, QualitySettings, settings_of

_ = texts("crmkit_quality")

SHOWN = 5
"""Candidates for one probe."""
_TEXTS = (
    "kind", "family_name", "given_name", "middle_name", "gender", "identity_number", "registration_number",
    "organization", "website", "country", "province", "city",
)  # fmt: skip
_ADDRESS = ("country", "province", "city", "district", "postal_code", "street")


def match_customers(session: CrmSession, probes: Sequence[Probe]) -> list[Match]:
    """Return for each probe the customers, of those that the session may see, who are probably the same."""
    from crmkit_quality.matching import blocking_keys, compare_many

    settings = settings_of(session.crm.settings)
    profiles = {place: profile_of(probe) for place, probe in enumerate(probes)}
    likely = candidates(session, {place: blocking_keys(profile) for place, profile in profiles.items()})
    wanted = {identity for found in likely.values() for identity in found}
    if not wanted:
        return []
    others = {profile.id: profile for profile in customer_profiles(session, wanted)}
    model = model_at_hand(session.crm)
    stance = stance_towards(session.actor, settings)
    found: list[Match] = []
    for place, ids in likely.items():
        known = [identity for identity in ids if identity in others]
        pairs = compare_many(profiles[place], [others[identity] for identity in known], model)
        sure = [each for each in zip(known, pairs, strict=True) if each[1].probability >= settings.review]
        sure.sort(key=lambda each: (-each[1].probability, each[0]))
        found.extend(
            Match(
                probe=place,
                customer_id=identity,
                score=pair.probability,
                reason=reason_of(pair.evidence),
                at_entry="" if stance == "off" or pair.probability < settings.at_entry_floor else stance,
            )
            for identity, pair in sure[:SHOWN]
        )
    return found


def stance_towards(actor: Actor, settings: QualitySettings) -> AtEntry:
    """Return what becomes of somebody who seems to be known, by who adds him: staff on the pages, or a program.

    A visitor is told nothing of any customer, and what the framework does by itself is not held up.
    """
    if actor.kind in ("system", "job", "plugin", "public"):
        return "off"
    return settings.at_entry_api if actor.method in ("", "token", "host") else settings.at_entry


def profile_of(probe: Probe) -> CustomerProfile:
    """Return what is known of somebody as a profile that can be compared."""
    details = probe.details
    now = datetime.now(UTC)
    born = details.get("birth_date")
    values: dict[str, Any] = {name: str(details[name]) for name in _TEXTS if details.get(name)}
    return CustomerProfile(
        id=new_id(),
        name=probe.name or _whole_name(details),
        birth_date=born if isinstance(born, date) else None,
        created_at=now,
        updated_at=now,
        emails=tuple(value for kind, value in probe.contacts if kind == "email"),
        phones=tuple(value for kind, value in probe.contacts if kind == "phone"),
        addresses=_addresses(details),
        identifiers=tuple(probe.identifiers),
        **values,
    )


def _whole_name(details: Mapping[str, Any]) -> str:
    family, given = str(details.get("family_name") or ""), str(details.get("given_name") or "")
    return f"{family}{given}" if not f"{family}{given}".isascii() else f"{given} {family}".strip()


def _addresses(details: Mapping[str, Any]) -> tuple[PostalAddress, ...]:
    if not details.get("street") and not details.get("postal_code"):
        return ()
    return (PostalAddress(**{name: str(details.get(name) or "") for name in _ADDRESS}),)
