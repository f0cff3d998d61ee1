"""What an admin does with sources and rules of survivorship."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Any

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit_quality.survivorship.fields import SINGLE
from crmkit_quality.survivorship.models import Source, SurvivorshipRule
from crmkit_quality.survivorship.words import EVERY, FIELD_STRATEGIES, RECORD, RECORD_STRATEGIES, STRATEGIES

_ = texts("crmkit_quality")

_SOURCES, _RULES = "quality.source.manage", "quality.survivorship.manage"
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal", options="source")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Trust = Annotated[int, Input(title=_("Trust (0 to 100)"), minimum=0, maximum=100, classified="internal")]
Strategy = Annotated[str, Input(title=_("Rule"), choices=STRATEGIES, max_length=20, classified="internal")]
Sources = Annotated[
    tuple[str, ...],
    Input(
        title=_("Order of sources"),
        help=_("The best one first; those that are not named come behind, by their trust."),
        max_length=60,
        classified="internal",
    ),
]


@operation("quality.source.create", title=_("Add a source"), effect="create", permission=_SOURCES)
def create_source(session: CrmSession, *, name: Name, title: Title | None = None, trust: Trust = 50) -> Source:
    """Say how far a source is trusted. ``name`` is what imports, identifiers and customers call it; ``entered`` is what
    people enter themselves. Raises Conflict for one that is there, InvalidInput for an empty name."""
    name = name.strip()
    if not name:
        raise InvalidInput([Problem(InvalidInput.code, _("This is required."), field="name")])
    if session.scalar(select(Source.id).where(Source.name == name)) is not None:
        raise Conflict(_('There is a source "{name}" already.'), name=name)
    source = Source(name=name, title=title or name, trust=trust)
    session.add(source)
    return source


@attrs.frozen(kw_only=True)
class SourceUpdate:
    """What to change of a source; what is not given stays."""

    title: Title | UnsetType = UNSET
    trust: Trust | UnsetType = UNSET


@operation("quality.source.update", title=_("Change the source"), effect="update", permission=_SOURCES)
def update_source(session: CrmSession, source: Source, changes: SourceUpdate) -> Source:
    """Give a source another title or trust. What was decided before stays as it is."""
    for name, value in given(changes).items():
        setattr(source, name, value)
    return source


@operation("quality.source.delete", title=_("Remove the source"), effect="delete", permission=_SOURCES)
def delete_source(session: CrmSession, source: Source) -> None:
    """Forget how far a source is trusted: it counts as one that nobody has rated."""
    session.delete(source)


@operation("quality.survivorship.create", title=_("Add a rule"), effect="create", permission=_RULES)
def create_rule(
    session: CrmSession,
    *,
    field: Annotated[
        str,
        Input(
            title=_("Field"),
            help=_("A field of the customer, custom.NAME, * for all others, or record: which record survives."),
            max_length=120,
            classified="internal",
        ),
    ],
    strategy: Strategy,
    sources: Sources = (),
) -> SurvivorshipRule:
    """Say by which rule a field's value is chosen. Raises Conflict for a field that has a rule, InvalidInput for a
    field that there is not, or a rule that is not for it."""
    field = field.strip()
    _check(session, field, strategy, sources)
    if session.scalar(select(SurvivorshipRule.id).where(SurvivorshipRule.field == field)) is not None:
        raise Conflict(_('There is a rule for "{field}" already.'), field=field, fix=_("Change that one."))
    rule = SurvivorshipRule(field=field, strategy=strategy, sources=_cleaned(sources))
    session.add(rule)
    return rule


@attrs.frozen(kw_only=True)
class RuleUpdate:
    """What to change of a rule; what is not given stays."""

    strategy: Strategy | UnsetType = UNSET
    sources: Sources | UnsetType = UNSET


@operation("quality.survivorship.update", title=_("Change the rule"), effect="update", permission=_RULES)
def update_rule(session: CrmSession, rule: SurvivorshipRule, changes: RuleUpdate) -> SurvivorshipRule:
    """Change how a field's value is chosen. Raises InvalidInput for a rule that is not for the field."""
    values = given(changes)
    strategy, sources = values.get("strategy", rule.strategy), values.get("sources", rule.sources)
    _check(session, rule.field, strategy, sources)
    rule.strategy, rule.sources = strategy, _cleaned(sources)
    return rule


@operation("quality.survivorship.delete", title=_("Remove the rule"), effect="delete", permission=_RULES)
def delete_rule(session: CrmSession, rule: SurvivorshipRule) -> None:
    """Take a rule away: the one for all other fields counts, or else the surviving record's value."""
    session.delete(rule)


def _cleaned(sources: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for each in sources if (name := each.strip())))


def _check(session: CrmSession, field: str, strategy: str, sources: Sequence[str]) -> None:
    problems: list[Problem] = []
    known = known_fields(session)
    if field not in known:
        close = difflib.get_close_matches(field, known, 1)
        problems.append(
            Problem(
                InvalidInput.code,
                _("There is no such field."),
                field="field",
                value=field,
                hint=_('Did you mean "{close}"?') if close else _("Fields: {known}."),
                close=close[0] if close else "",
                known=", ".join(known),
            )
        )
    fitting = RECORD_STRATEGIES if field == RECORD else FIELD_STRATEGIES
    if strategy not in fitting:
        problems.append(
            Problem(
                InvalidInput.code,
                _("This is no rule for this field."),
                field="strategy",
                value=strategy,
                hint=_("Use one of {rules}."),
                rules=", ".join(fitting),
            )
        )
    if sources and strategy != "trusted_source":
        problems.append(
            Problem(
                InvalidInput.code,
                _("An order of sources is for the rule that heeds sources."),
                field="sources",
                hint=_("Leave it out, or use the rule trusted_source."),
            )
        )
    if problems:
        raise InvalidInput(problems)


def known_fields(session: CrmSession) -> list[str]:
    """Return the fields that a rule can be for."""
    custom = session.crm.config.get(session).custom_fields.get("customer", {})
    return [EVERY, RECORD, *sorted(SINGLE), *(f"custom.{name}" for name in custom)]


OPERATIONS: list[Any] = [create_source, update_source, delete_source, create_rule, update_rule, delete_rule]
