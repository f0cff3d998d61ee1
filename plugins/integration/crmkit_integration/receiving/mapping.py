"""From the body of a web-hook to the call of an operation, and the check of a mapping before it is kept.

Everything is found out as the user whom the source acts as: who cannot see a customer does not find it either. Must not
run operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from crmkit import (
    CrmkitError,
    CrmSession,
    InvalidInput,
    Problem,
    customers_known_by,
    row_condition,
    structure,
    texts,
)
from crmkit_integration.receiving.models import WebhookMapping
from crmkit_integration.receiving.terms import KINDS, MISSING, Found, Term, Unmapped, read_term, value_of

_ = texts("crmkit_integration")

NEVER = ("integration.",)
"""Operations that no web-hook may run: it would change what it may do."""


@frozen(kw_only=True)
class Call:
    """What a web-hook would do: the operation, the record that it acts on, its input, and by which mapping."""

    mapping: str
    operation: str
    target: str | None
    values: Mapping[str, Any] = field(repr=False)


# --- checking ---------------------------------------------------------------------------------------------------------


def check_mapping(
    session: CrmSession,
    *,
    operation: str,
    target: str,
    inputs: Mapping[str, str],
    names: Mapping[str, str],
    when: str,
) -> None:
    """Check a mapping against what the operation declares: its inputs by name, those that are required, the kinds of
    constants, the condition. Raises InvalidInput with every problem."""
    problems: list[Problem] = []
    known = session.gate.registry.operations.get(operation)
    if known is None or known.hidden or operation.startswith(NEVER):
        problems.append(_problem("operation", _("No web-hook can run this operation."), operation))
        raise InvalidInput(problems)
    terms = _terms(inputs, "inputs", problems)
    _terms({"": target} if target else {}, "target", problems)
    if (known.target is not None) != bool(target):
        message = (
            _("Say which record it acts on.")
            if known.target is not None
            else _("The operation {name} acts on no record.")
        )
        problems.append(_problem("target", message, target, name=operation))
    declared = known.describe()
    takes = [name for name, _type, _required, _title in declared]
    for name in inputs:
        if name.partition(".")[0] not in takes:
            message = _("The operation {name} takes no such input. It takes {known}.")
            problems.append(_problem(f"inputs.{name}", message, name, name=operation, known=", ".join(takes) or "–"))
    given = {name.partition(".")[0] for name in inputs}
    for name, _type, required, _title in declared:
        if required and name not in given:
            problems.append(_problem(f"inputs.{name}", _("The operation needs this input."), None))
    problems.extend(_constant_problems(known, terms))
    problems.extend(_condition_problems(session, when, names))
    if problems:
        raise InvalidInput(problems)


def _terms(texts_: Mapping[str, str], place: str, problems: list[Problem]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for name, text in texts_.items():
        at = f"{place}.{name}" if name else place
        try:
            found[name] = read_term(str(text), at)
        except InvalidInput as error:
            problems.extend(error.problems)
    return found


def _constant_problems(operation: Any, terms: Mapping[str, Term]) -> list[Problem]:
    """Return what the operation says of the constants, whatever else is wrong with an input that has only these."""
    values: dict[str, Any] = {}
    for name, term in terms.items():
        if term.kind == "constant":
            _put(values, name, term.constant)
    try:
        structure(operation.inputs, values)
    except InvalidInput as error:
        return [
            _problem(f"inputs.{each.field}", each.message, each.value, **each.values)
            for each in error.problems
            if each.field is not None and any(each.field.startswith(name) for name in values)
        ]
    return []


def _condition_problems(session: CrmSession, when: str, names: Mapping[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    problems.extend(
        _problem(f"names.{name}", _("This cannot be used as a name in a condition."), name)
        for name in names
        if not name.isidentifier()
    )
    terms = _terms(names, "names", problems)
    if not when.strip() or problems:
        return problems
    try:
        row_condition(session, when, _types(terms))
    except CrmkitError as error:
        for each in error.problems:
            each.field = "when"
            problems.append(each)
    return problems


def _types(terms: Mapping[str, Term]) -> dict[str, Any]:
    return {name: KINDS[term.of or "text"] | None for name, term in terms.items()}


# --- mapping ----------------------------------------------------------------------------------------------------------


def call_of(session: CrmSession, mappings: Sequence[WebhookMapping], found: Found) -> Call | None:
    """Return what a web-hook does by the first mapping whose condition holds, None where none does. ``session`` is the
    user's whom it acts as. Raises Unmapped."""
    for mapping in sorted(mappings, key=lambda each: (each.position, each.created_at, each.id)):
        if holds(session, mapping, found):
            target = value_of(read_term(mapping.target), found) if mapping.target else None
            return Call(
                mapping=mapping.title or mapping.operation,
                operation=mapping.operation,
                target=None if target is None or target is MISSING else str(target),
                values=_inputs(mapping.inputs, found),
            )
    return None


def holds(session: CrmSession, mapping: WebhookMapping, found: Found) -> bool:
    """Say whether the condition of a mapping holds. What is not there, or is of another kind, is empty in it."""
    if not mapping.when.strip():
        return True
    terms = {name: read_term(text) for name, text in mapping.names.items()}
    values: dict[str, Any] = {}
    for name, term in terms.items():
        try:
            value = value_of(term, found)
        except Unmapped:
            value = MISSING
        kind = KINDS[term.of or "text"]
        values[name] = value if isinstance(value, kind) else None
    return row_condition(session, mapping.when, _types(terms))(values)


def _inputs(inputs: Mapping[str, str], found: Found) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in inputs.items():
        value = value_of(read_term(text), found)
        if value is not MISSING:
            _put(values, name, value)
    return values


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """Put a value under a name; ``custom.size`` is the name ``size`` in the input ``custom``."""
    first, dot, rest = name.partition(".")
    if not dot:
        values[first] = value
    elif isinstance(values.setdefault(first, {}), dict):
        values[first][rest] = value


def found_in(session: CrmSession, body: Any, headers: Mapping[str, str]) -> Found:
    """Return what terms are asked of, with customers as the session's actor sees them."""
    return Found(body=body, headers=headers, customer=lambda kind, value: customers_known_by(session, kind, value))


def _problem(place: str, message: str, value: object, **values: Any) -> Problem:
    return Problem(InvalidInput.code, message, field=place, value=value, **values)
