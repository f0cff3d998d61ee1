"""Operations on rules: saving one, turning it on and off, taking changes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

import attrs
from sqlalchemy import delete

from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.publishing import Defined, publish, reset, set_enabled
from crmkit.engines.rules.checking import possible_cycles
from crmkit.engines.rules.events import RuleChanged
from crmkit.engines.rules.index import KIND
from crmkit.engines.rules.tables import RuleClaim, RuleCount
from crmkit.hooks.rules import Do, Rule
from crmkit.i18n import texts

_ = texts("crmkit")

Name = Annotated[str, Input(title=_("Name"), max_length=120, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Condition = Annotated[str, Input(title=_("Condition"), max_length=4000, classified="internal", multiline=True)]
Short = Annotated[str | None, Input(max_length=120, classified="internal")]
Note = Annotated[str, Input(title=_("Note"), max_length=500, classified="internal")]
Doc = Annotated[str, Input(title=_("Description"), max_length=1000, classified="internal", multiline=True)]
Count = Annotated[int, Input(minimum=-1000, maximum=1_000_000_000, classified="internal")]


@attrs.frozen(kw_only=True)
class SavedRule:
    """A rule as it was saved. ``cycles`` are the ways on which it could set itself off again, as names of rules."""

    defined: Defined
    cycles: tuple[tuple[str, ...], ...] = attrs.field(default=(), converter=tuple)


@operation("rule.save", title=_("Save a rule"), permission="rule.admin")
def save_rule(
    session: CrmSession,
    *,
    name: Name,
    title: Title,
    then: tuple[Do, ...],
    on: Short = None,
    every: Short = None,
    cron: Short = None,
    among: Condition = "true",
    when: Condition = "true",
    once_per: Short = None,
    cooldown: Short = None,
    daily_cap: Count | None = None,
    priority: Count = 0,
    stop: bool = False,
    control: Annotated[float, Input(classified="internal")] = 0.0,
    doc: Doc = "",
    enabled: bool | None = None,
    effective_from: datetime | None = None,
    effective_until: datetime | None = None,
    note: Note = "",
) -> SavedRule:
    """Put a rule into effect under its name, as a new version that acts as the session's actor.

    Raises DefinitionError with every problem: an event, a fact or an operation that there is not, an input that does
    not fit, a fact that its publisher may not read, an operation that he may not run.
    """
    rule = Rule(
        name=name,
        title=title,
        on=on,
        every=every,
        cron=cron,
        among=among,
        when=when,
        then=then,
        once_per=once_per,
        cooldown=cooldown,
        daily_cap=daily_cap,
        priority=priority,
        stop=stop,
        control=control,
        doc=doc,
    )
    dates: Mapping[str, Any] = {"effective_from": effective_from, "effective_until": effective_until}
    saved = publish(session, KIND, rule, enabled=enabled, note=note, **dates)
    _tell(session, name)
    return SavedRule(defined=saved, cycles=possible_cycles(session, rule))


@operation("rule.enable", title=_("Turn a rule on"), permission="rule.admin")
def enable_rule(session: CrmSession, *, name: Name) -> Defined:
    """Turn a rule on. Raises UnknownDefinition, DefinitionError for one that cannot be used."""
    found = set_enabled(session, KIND, name, True)
    _tell(session, name)
    return found


@operation("rule.disable", title=_("Turn a rule off"), permission="rule.admin")
def disable_rule(session: CrmSession, *, name: Name) -> Defined:
    """Turn a rule off. Raises UnknownDefinition."""
    found = set_enabled(session, KIND, name, False)
    _tell(session, name)
    return found


@operation("rule.reset", title=_("Take back changes of a rule"), permission="rule.admin")
def reset_rule(session: CrmSession, *, name: Name) -> Defined | None:
    """Let a shipped rule be as shipped again; one's own is removed, with what its limits have counted, and None is
    returned. Raises UnknownDefinition."""
    found = reset(session, KIND, name)
    if found is None:
        with region(session, "what the limits of a rule have counted"):
            for model in (RuleClaim, RuleCount):
                table = cast(Any, model).__table__
                session.connection().execute(delete(table).where(table.c.rule == name))
    _tell(session, name)
    return found


def _tell(session: CrmSession, name: str) -> None:
    session.emit(RuleChanged(rule=name, operation=session.unit.stack[-1]))


OPERATIONS = [save_rule, enable_rule, disable_rule, reset_rule]
