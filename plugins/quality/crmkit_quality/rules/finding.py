"""Finds out for which customers which rules do not hold: checks on opened profiles, expressions set-based in SQL.

Runs in system scope, as whether data is right must not depend on who looks. Must not know scores, nor write.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, CustomerProfile, customers_where
from crmkit_quality.rules.checks import CHECKS
from crmkit_quality.rules.models import FieldRule

_log = logging.getLogger("crmkit.quality")


@define(eq=False)
class Judged:
    """What was found of some customers: for each rule to whom it applied, and for whom of them it does not hold."""

    rules: Sequence[FieldRule]
    applied: dict[str, set[UUID]] = field(factory=dict[str, "set[UUID]"])
    violated: dict[str, set[UUID]] = field(factory=dict[str, "set[UUID]"])


def active_rules(session: CrmSession) -> list[FieldRule]:
    """Return the rules that are on, by name."""
    return list(session.scalars(select(FieldRule).where(FieldRule.enabled).order_by(FieldRule.name)))


def judge(
    session: CrmSession,
    rules: Sequence[FieldRule],
    profiles: Sequence[CustomerProfile],
    today: date,
) -> Judged:
    """Return what some rules say of some customers. A rule whose expression cannot be used any more is left out and
    logged; it costs itself alone."""
    judged = Judged(rules=rules)
    ids = [profile.id for profile in profiles]
    for rule in rules:
        try:
            applied = _where(session, rule.applies_when, ids) if rule.applies_when else set(ids)
            if rule.check:
                _check(judged, rule, profiles, applied, today)
            else:
                judged.applied[rule.name] = applied
                judged.violated[rule.name] = _violating(session, rule, ids)
        except CrmkitError as error:
            _log.warning("field rule %s: %s", rule.name, error)
            judged.applied[rule.name] = set()
            judged.violated[rule.name] = set()
    return judged


def _check(
    judged: Judged, rule: FieldRule, profiles: Sequence[CustomerProfile], applied: Collection[UUID], today: date
) -> None:
    check = CHECKS.get(rule.check)
    among = [
        profile for profile in profiles if check is not None and profile.id in applied and check.applies(profile, today)
    ]
    judged.applied[rule.name] = {profile.id for profile in among}
    judged.violated[rule.name] = {
        profile.id for profile in among if check is not None and not check.holds(profile, today)
    }


def _violating(session: CrmSession, rule: FieldRule, ids: Sequence[UUID]) -> set[UUID]:
    condition = f"not ({rule.valid_when})"
    if rule.applies_when:
        condition = f"({rule.applies_when}) and {condition}"
    return _where(session, condition, ids)


def _where(session: CrmSession, condition: str, ids: Sequence[UUID]) -> set[UUID]:
    return set(session.scalars(customers_where(session, condition, among=ids)))
