"""What can be done with field rules: adding, changing, switching on and off, removing."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import attrs
from sqlalchemy import delete, select

from crmkit import (
    UNSET,
    Conflict,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    customers_where,
    given,
    operation,
    texts,
)
from crmkit_quality.rules.models import RULED, SEVERITIES, FieldRule, Violation
from crmkit_quality.rules.shipped import SHIPPED

_ = texts("crmkit_quality")

_NAME = re.compile(r"[a-z][a-z0-9_]*")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
About = Annotated[str, Input(title=_("Field"), max_length=120, classified="internal")]
Severity = Annotated[
    Literal["info", "warning", "error"], Input(title=_("Severity"), choices=SEVERITIES, classified="internal")
]
Aspect = Annotated[
    Literal["completeness", "validity", "consistency"],
    Input(title=_("Aspect"), choices=RULED, classified="internal"),
]
Valid = Annotated[str, Input(title=_("Valid when"), max_length=4000, multiline=True, classified="internal")]
Applies = Annotated[str, Input(title=_("Applies when"), max_length=4000, multiline=True, classified="internal")]


@operation("quality.rule.create", title=_("Add a field rule"), effect="create")
def create_rule(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")],
    title: Title,
    about: About,
    valid_when: Valid,
    applies_when: Applies = "",
    severity: Severity = "warning",
    aspect: Aspect = "validity",
) -> FieldRule:
    """Add a rule: an expression over facts that has to hold, for all customers or for those to whom it applies.

    Raises InvalidInput for a name that cannot be one, and for expressions that cannot be used.
    """
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        problems.append(_problem("name", _("Use small letters, digits and _, a letter first."), name))
    elif session.scalar(select(FieldRule.id).where(FieldRule.name == name)) is not None:
        problems.append(_problem("name", _("There is a rule of this name."), name))
    if not valid_when.strip():
        problems.append(_problem("valid_when", _("Say what has to hold."), valid_when))
    problems += condition_problems(session, valid_when=valid_when, applies_when=applies_when)
    if problems:
        raise InvalidInput(problems)
    rule = FieldRule(
        name=name,
        title=title,
        about=about,
        severity=severity,
        aspect=aspect,
        valid_when=valid_when.strip(),
        applies_when=applies_when.strip(),
    )
    session.add(rule)
    return rule


@attrs.frozen(kw_only=True)
class RuleUpdate:
    """What to change of a rule; what is not given stays."""

    title: Title | UnsetType = UNSET
    about: About | UnsetType = UNSET
    valid_when: Valid | UnsetType = UNSET
    applies_when: Applies | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    aspect: Aspect | UnsetType = UNSET
    enabled: Annotated[bool | UnsetType, Input(title=_("On"), classified="internal")] = UNSET


@operation("quality.rule.update", title=_("Change the rule"), effect="update")
def update_rule(session: CrmSession, rule: FieldRule, changes: RuleUpdate) -> FieldRule:
    """Change a rule, or switch it on or off; it counts from the next check on, a rule that is off has no violations.

    Raises InvalidInput for expressions that cannot be used, and for what a check that is shipped says itself.
    """
    values = given(changes)
    problems: list[Problem] = []
    if rule.check and values.get("valid_when"):
        problems.append(_problem("valid_when", _("A check that is shipped says itself what has to hold."), None))
    elif "valid_when" in values and not rule.check and not values["valid_when"].strip():
        problems.append(_problem("valid_when", _("Say what has to hold."), None))
    named = {name: values[name] for name in ("valid_when", "applies_when") if name in values}
    problems += condition_problems(session, **named)
    if problems:
        raise InvalidInput(problems)
    for name, value in values.items():
        setattr(rule, name, value.strip() if isinstance(value, str) else value)
    session.flush()
    if not rule.enabled:
        _forget(session, rule)
    return rule


@operation("quality.rule.delete", title=_("Remove the rule"), effect="delete")
def delete_rule(session: CrmSession, rule: FieldRule) -> None:
    """Remove a rule with its violations. Raises Conflict for one that is shipped: switch it off instead."""
    if rule.shipped:
        raise Conflict(_("The rule comes with the plugin."), fix=_("Switch it off instead."))
    _forget(session, rule)
    session.delete(rule)


@operation("quality.rule.ship", title=_("Add the shipped rules"), permission="quality.rule.create", hidden=True)
def ship_rules(session: CrmSession) -> int:
    """Add the shipped rules that are not there yet and return how many were added."""
    known = set(session.scalars(select(FieldRule.name)))
    missing = [rule for rule in SHIPPED if rule.name not in known]
    session.add_all(FieldRule(**{**attrs.asdict(rule), "title": str(rule.title)}, shipped=True) for rule in missing)
    return len(missing)


def condition_problems(session: CrmSession, **conditions: str) -> list[Problem]:
    """Return what is wrong with conditions, each under the name of its field; an empty one is right."""
    found: list[Problem] = []
    for name, text in conditions.items():
        if not text.strip():
            continue
        try:
            customers_where(session, text)
        except CrmkitError as error:
            for problem in error.problems:
                problem.field = name
                found.append(problem)
    return found


def _problem(field: str, message: str, value: object) -> Problem:
    return Problem(InvalidInput.code, message, field=field, value=value)


def _forget(session: CrmSession, rule: FieldRule) -> None:
    """Leave the violations of a rule to a job: whoever changes the rule need not see every customer."""
    session.defer("quality.forget_rule", unique=f"quality.forget_rule:{rule.name}", rule=rule.name)


def forget_rule(session: CrmSession, rule: str) -> None:
    """Remove the violations of a rule that is off or gone: a job, in system scope."""
    session.run("quality.rule.forget", {"rule": rule})


@operation("quality.rule.forget", title=_("Forget a rule"), permission="quality.rule.update", hidden=True)
def forget(
    session: CrmSession, *, rule: Annotated[str, Input(title=_("Rule"), max_length=60, classified="internal")]
) -> None:
    """Remove the violations of a rule, unless it is on: for the framework's own use."""
    known = session.scalar(select(FieldRule).where(FieldRule.name == rule))
    if known is None or not known.enabled:
        session.execute(delete(Violation).where(Violation.rule == rule))


OPERATIONS = [create_rule, update_rule, delete_rule, ship_rules, forget]
