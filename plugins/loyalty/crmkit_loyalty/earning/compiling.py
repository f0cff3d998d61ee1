"""Rules made ready to be asked: their texts understood once for each version, and kept while it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, InvalidInput, Problem, RowExpression, row_expression, texts
from crmkit_loyalty.earning.computing import Rule, Values
from crmkit_loyalty.earning.happening import FIELDS
from crmkit_loyalty.earning.models import EarnRule, RuleSet

_ = texts("crmkit_loyalty")

KEPT = 20
"""Versions that are kept ready for each CRM."""


@frozen(kw_only=True, eq=False)
class Ready:
    """A rule with its expressions."""

    rule: EarnRule
    condition: RowExpression | None
    points: RowExpression


@frozen(kw_only=True, eq=False)
class ReadySet:
    """A version made ready. ``facts`` are those that its rules use; ``cap_days`` the longest period of a limit."""

    set_id: UUID
    rules: Sequence[Ready]

    @property
    def facts(self) -> frozenset[Any]:
        """Return the facts that its rules use."""
        return frozenset(
            ref
            for each in self.rules
            for expression in (each.condition, each.points)
            if expression is not None
            for ref in expression.facts
        )

    def counts(self, event: str, day: date) -> bool:
        """Say whether any rule is for what happened on a day at all."""
        return any(
            each.rule.event == event
            and (each.rule.since is None or each.rule.since <= day)
            and (each.rule.until is None or day <= each.rule.until)
            for each in self.rules
        )

    def bound(self, session: CrmSession) -> list[Rule]:
        """Return the rules as functions, as of now."""
        conditions = [each.condition for each in self.rules if each.condition is not None]
        asked = iter(RowExpression.all_at(session, [*(each.points for each in self.rules), *conditions]))
        points = [next(asked) for _rule in self.rules]
        return [
            _bound(each, given, next(asked) if each.condition is not None else None)
            for each, given in zip(self.rules, points, strict=True)
        ]


_known: WeakKeyDictionary[Any, dict[tuple[UUID, int], ReadySet]] = WeakKeyDictionary()


def ready(session: CrmSession, version: RuleSet) -> ReadySet:
    """Return a version made ready. Raises InvalidInput, naming rule and field, for what cannot be used any more."""
    if version.state == "draft":
        return _ready(session, version)
    shelf = _known.setdefault(session.crm, {})
    key = version.id, session.crm.registry.revision
    found = shelf.get(key)
    if found is None:
        while len(shelf) >= KEPT:
            shelf.pop(next(iter(shelf)))
        found = shelf[key] = _ready(session, version)
    return found


def checked(session: CrmSession, rule: EarnRule, place: str = "") -> Ready:
    """Return a rule made ready. Raises InvalidInput, naming the field, for an expression that cannot be used."""
    problems: list[Problem] = []

    def made(name: str, text: str, *, condition: bool) -> RowExpression | None:
        try:
            return row_expression(session, text, FIELDS, condition=condition, facts=True)
        except CrmkitError as error:
            at = f"{place}{name}"
            problems.append(Problem(InvalidInput.code, _("{reason}"), field=at, value=text, reason=error.render()))
            return None

    condition = made("condition", rule.condition, condition=True) if rule.condition.strip() else None
    points = made("points", rule.points, condition=False)
    if problems or points is None:
        raise InvalidInput(problems)
    return Ready(rule=rule, condition=condition, points=points)


def _ready(session: CrmSession, version: RuleSet) -> ReadySet:
    query = select(EarnRule).where(EarnRule.set_id == version.id, EarnRule.active.is_(True))
    rules = session.scalars(query.order_by(EarnRule.position, EarnRule.name)).all()
    made = [checked(session, each, f"{each.name}.") for each in rules]
    for each in rules:
        session.expunge(each)  # it is kept longer than the session
    return ReadySet(set_id=version.id, rules=made)


def _bound(each: Ready, points: Callable[[Values], Any], condition: Callable[[Values], Any] | None) -> Rule:
    rule = each.rule
    return Rule(
        name=rule.name,
        title=rule.title,
        type_id=rule.type_id,
        event=rule.event,
        scope=rule.scope,
        mode=rule.mode,
        condition=None if condition is None else partial(_holds, condition),
        points=points,
        rounding=rule.rounding,
        stack=rule.stack,
        last=rule.last,
        cap_once=rule.cap_once,
        cap_day=rule.cap_day,
        cap_period=rule.cap_period,
        cap_days=rule.cap_days,
        since=rule.since,
        until=rule.until,
        pending_days=rule.pending_days,
    )


def _holds(condition: Any, values: Values) -> bool:
    return bool(condition(values))
