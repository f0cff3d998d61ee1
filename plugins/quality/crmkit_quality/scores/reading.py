"""What readers are shown of quality: scores by owner, source and field, violations by rule, and the course of it.

Everything is about the customers that the reader may see, from the scores that were kept of each. Must not know doors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, User, texts
from crmkit_quality.rules.models import ASPECTS, FieldRule, Violation
from crmkit_quality.rules.shipped import SHIPPED
from crmkit_quality.scores.fields import title_of
from crmkit_quality.scores.figures import tallies_of
from crmkit_quality.scores.models import CustomerScore, QualityFigure
from crmkit_quality.scores.scoring import Tally

_ = texts("crmkit_quality")

_TITLES: Mapping[str, str] = {rule.name: rule.title for rule in SHIPPED}


@frozen(kw_only=True)
class GroupScore:
    """The scores of a group of customers, each from 0 to 1, or None where nothing could be measured."""

    key: str
    title: str
    customers: int
    score: float | None
    aspects: Mapping[str, float | None]


@frozen(kw_only=True)
class RuleCount:
    """A rule and for how many customers it does not hold."""

    rule: str
    title: str
    about: str
    severity: str
    customers: int


@frozen(kw_only=True)
class TrendPoint:
    """The scores of all customers as they were measured at an instant (UTC)."""

    measured_at: datetime
    customers: int
    score: float | None
    aspects: Mapping[str, float | None]
    violations: int


@frozen(kw_only=True)
class QualityReport:
    """The quality of the data of those customers that the reader may see. ``fields`` begins with the worst; ``trend``
    is there for whoever sees every customer, and empty for others. ``checked_at`` is when one of them was checked
    last."""

    checked_at: datetime | None
    overall: GroupScore
    owners: tuple[GroupScore, ...]
    sources: tuple[GroupScore, ...]
    fields: tuple[GroupScore, ...]
    violations: tuple[RuleCount, ...]
    trend: tuple[TrendPoint, ...]


def quality_report(session: CrmSession, *, points: int = 60) -> QualityReport:
    """Return the quality of the data of the customers that the session may see; the last ``points`` of its course."""
    tallies = tallies_of(session)
    names = _names(session, [owner for owner in tallies.owners if owner is not None])
    owners = [
        _group(str(owner or ""), names.get(owner, _("Nobody")) if owner else _("Nobody"), tally)
        for owner, tally in tallies.owners.items()
    ]
    sources = [_group(source, source or _("Unknown"), tally) for source, tally in tallies.sources.items()]
    fields = [_field(name, tallies.every) for name in tallies.every.fields]
    return QualityReport(
        checked_at=session.scalar(select(func.max(CustomerScore.checked_at))),
        overall=_group("", _("All customers"), tallies.every),
        owners=tuple(sorted(owners, key=_worst_first)),
        sources=tuple(sorted(sources, key=_worst_first)),
        fields=tuple(sorted(fields, key=_worst_first)),
        violations=violations_by_rule(session),
        trend=trend(session, points=points),
    )


def _group(key: str, title: str, tally: Tally) -> GroupScore:
    return GroupScore(
        key=key,
        title=title,
        customers=tally.customers,
        score=tally.mean("score"),
        aspects={aspect: tally.mean(aspect) for aspect in ASPECTS},
    )


def _field(name: str, tally: Tally) -> GroupScore:
    aspects = {aspect: tally.mean(aspect, name) for aspect in ASPECTS}
    known = [value for value in aspects.values() if value is not None]
    return GroupScore(
        key=name,
        title=title_of(name),
        customers=max(tally.measured(aspect, name) for aspect in ASPECTS),
        score=sum(known) / len(known) if known else None,
        aspects=aspects,
    )


def _worst_first(group: GroupScore) -> tuple[float, str]:
    return (2.0 if group.score is None else group.score, str(group.title))


def _names(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}


def violations_by_rule(session: CrmSession) -> tuple[RuleCount, ...]:
    """Return the rules that do not hold for customers whom the session may see, the most frequent first."""
    query = select(Violation.rule, func.count(Violation.id)).group_by(Violation.rule)
    counts = {row[0]: row[1] for row in session.execute(query)}
    rules = {rule.name: rule for rule in session.scalars(select(FieldRule).where(FieldRule.name.in_(list(counts))))}
    found = [
        RuleCount(
            rule=name,
            title=rule_title(rules[name]),
            about=rules[name].about,
            severity=rules[name].severity,
            customers=number,
        )
        for name, number in counts.items()
        if name in rules
    ]
    return tuple(sorted(found, key=lambda each: (-each.customers, each.rule)))


def rule_title(rule: FieldRule) -> str:
    """Return what a rule is called: of a shipped one that nobody has renamed the text that can be translated."""
    shipped = _TITLES.get(rule.name)
    return shipped if shipped is not None and rule.shipped and rule.title == shipped else rule.title


def trend(session: CrmSession, *, points: int = 60) -> tuple[TrendPoint, ...]:
    """Return the course of the scores of all customers, oldest first; nothing for whoever does not see them all."""
    query = (
        select(QualityFigure)
        .where(QualityFigure.grouping == "all", QualityFigure.about == "")
        .order_by(QualityFigure.measured_at.desc(), QualityFigure.id.desc())
        .limit(points)
    )
    found = [
        TrendPoint(
            measured_at=figure.measured_at,
            customers=figure.customers,
            score=_plain(figure.score),
            aspects={aspect: _plain(getattr(figure, aspect)) for aspect in ASPECTS},
            violations=figure.violations,
        )
        for figure in session.scalars(query)
    ]
    return tuple(reversed(found))


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)
