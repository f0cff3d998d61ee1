"""Rules and their log as doors show them. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.engines.definitions.documents import from_document, to_document
from crmkit.engines.definitions.publishing import Defined, defined, find
from crmkit.engines.rules.index import KIND, index_of
from crmkit.engines.rules.tables import RuleLog
from crmkit.errors import DefinitionError, Problem
from crmkit.hooks.rules import Rule

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class RuleLine:
    """A rule in a list; ``broken`` says why it can't be used, if it can't."""

    item: Defined
    in_effect: bool
    broken: str = ""

    @property
    def trigger(self) -> str:
        """Return what sets the rule off."""
        rule: Rule = self.item.value
        return rule.on or rule.every or rule.cron or ""


def list_rules(session: CrmSession) -> list[RuleLine]:
    """Return all rules by name, those that can't be used too."""
    index, now = index_of(session), session.gate.clock.now()
    unusable = index.check_all()
    lines: list[RuleLine] = []
    for name, item in sorted(defined(session, KIND, broken=True).items()):
        why = item.broken or (unusable[name].render() if name in unusable else "")
        lines.append(RuleLine(item=item, in_effect=item.in_effect(now) and not why, broken=why))
    return lines


def drafted(session: CrmSession, name: str, changes: Mapping[str, Any]) -> Rule:
    """Return a rule with fields changed, from what it is now if it is there. Nothing is saved. Raises UnknownDefinition
    for one that is not there and of which nothing is given, DefinitionError for a field that there is not, or a value
    of the wrong form."""
    known = defined(session, KIND).get(name) if changes else find(session, KIND, name)
    if not changes and known is not None and known.broken:
        raise DefinitionError([Problem(DefinitionError.code, known.broken)])
    document = {} if known is None else to_document(known.value)
    return from_document(Rule, {"title": name, **document, **changes, "name": name})


def log_of(
    session: CrmSession,
    *,
    rule: str | None = None,
    customer_id: UUID | None = None,
    outcome: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[RuleLog]:
    """Return entries of the log about customers whom the session's actor may see, newest first. Raises
    UnknownDefinition for a rule that there is not and that has left no entry."""
    query = select(RuleLog).order_by(RuleLog.recorded_at.desc(), RuleLog.id.desc()).limit(limit)
    for column, wanted in ((RuleLog.rule, rule), (RuleLog.customer_id, customer_id), (RuleLog.outcome, outcome)):
        if wanted is not None:
            query = query.where(column == wanted)
    found = list(session.scalars(query if since is None else query.where(RuleLog.recorded_at >= since)))
    if rule is not None and not found:
        # One that was removed may have left entries, and one that is there may have none.
        left = session.scalar(select(RuleLog.id).where(RuleLog.rule == rule).limit(1))
        if left is None:
            find(session, KIND, rule)
    return found
