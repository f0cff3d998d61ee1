"""From profiles, judged rules and evidence to the cells of each customer's fields. Must not know sessions or tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from crmkit import CustomerProfile
from crmkit_quality.rules.finding import Judged
from crmkit_quality.scores.fields import FIELDS, Weighing
from crmkit_quality.scores.scoring import decay, kept_by

DAY = 86_400.0


@frozen(kw_only=True)
class Evidence:
    """What is known beside profiles: shared identifying values, since when fields are confirmed, which are doubted."""

    shared: Container[tuple[UUID, str]]
    confirmed: Mapping[tuple[UUID, str], datetime]
    doubted: Container[tuple[UUID, str]]


def cells_of(
    profiles: Sequence[CustomerProfile], judged: Judged, evidence: Evidence, weighing: Weighing, now: datetime
) -> dict[UUID, dict[str, dict[str, float]]]:
    """Return by customer, field and aspect what was measured, from 0 to 1."""
    found = {profile.id: _own_cells(profile, evidence, weighing, now) for profile in profiles}
    _add_rules(found, judged)
    return found


def _own_cells(
    profile: CustomerProfile, evidence: Evidence, weighing: Weighing, now: datetime
) -> dict[str, dict[str, float]]:
    cells: dict[str, dict[str, float]] = {}
    for name, each in FIELDS.items():
        own: dict[str, float] = {}
        filled = bool(each.value(profile))
        if profile.kind in each.kinds and weighing.of_field(name) > 0:
            own["completeness"] = float(filled)
        if filled:
            # What no rule complains of is valid as far as is known.
            own["validity"] = 1.0
            if each.identifying:
                own["uniqueness"] = float((profile.id, name) not in evidence.shared)
            half_life = weighing.half_lives.get(name, 0.0)
            if half_life > 0:
                since = evidence.confirmed.get((profile.id, name), profile.updated_at)
                age = (now - since).total_seconds() / DAY
                own["timeliness"] = 0.0 if (profile.id, name) in evidence.doubted else decay(age, half_life)
        if own:
            cells[name] = own
    return cells


def _add_rules(found: Mapping[UUID, dict[str, dict[str, float]]], judged: Judged) -> None:
    """Let the gravest violation of each field and aspect take away from its cell. Completeness of a field that is
    measured follows from the field alone; of others rules say it."""
    spoken: dict[tuple[UUID, str, str], list[str]] = defaultdict(list)
    for rule in judged.rules:
        if rule.aspect == "completeness" and rule.about in FIELDS:
            continue
        violated = judged.violated.get(rule.name, ())
        for customer in judged.applied.get(rule.name, ()):
            entry = spoken[customer, rule.about, rule.aspect]
            if customer in violated:
                entry.append(rule.severity)
    for (customer, name, aspect), severities in spoken.items():
        if customer in found:
            found[customer].setdefault(name, {})[aspect] = kept_by(severities)
