"""Parameters of reports: plain texts in, an attrs value out, every mistake named with its field; and back, to be shown.

Must not know what a report does with them.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import typing
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs

from crmkit.core.operations.inputs import fields_of, structure
from crmkit.core.store.types import dumps
from crmkit.engines.definitions.kinds import kind_named
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.reports.periods import parse_period
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.hooks.contributions import Named, Period, Report
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class Parameter:
    """A parameter as it was used: its name, its title, its value and how it was written."""

    name: str
    title: str
    value: Any
    text: str


@attrs.frozen(kw_only=True)
class ParameterInfo:
    """What a report asks for: the name, the title, the type, what it is when it is not given, whether it has to be."""

    name: str
    title: str
    type: Any
    default: str | None
    required: bool
    help: str = ""


def described(report: Report) -> list[ParameterInfo]:
    """Return what a report asks for, in the order of its parameters."""
    found: list[ParameterInfo] = []
    for attribute, hint, info in [] if report.parameters is None else fields_of(report.parameters):
        default = report.defaults.get(attribute.name)
        if default is None and attribute.default not in (attrs.NOTHING, None):
            default = _written(attribute.default)
        required = default is None and attribute.default is attrs.NOTHING
        found.append(
            ParameterInfo(
                name=attribute.name, title=info.title, type=hint, default=default, required=required, help=info.help
            )
        )
    return found


def parsed(session: CrmSession, report: Report, values: Mapping[str, Any], today: date) -> Any:
    """Return the parameters of a report for plain values; None for a report that has none.

    Names of definitions and conditions are checked. ``today`` is the business's day as of which the report runs. Raises
    InvalidInput with one problem for each parameter that is missing, unknown or malformed.
    """
    shape = report.parameters
    given: dict[str, Any] = {**report.defaults, **values}
    if shape is None:
        if given:
            raise InvalidInput([Problem("CK500", _("There is no such field."), field=name) for name in given])
        return None
    hints = typing.get_type_hints(shape, include_extras=True)
    problems: list[Problem] = []
    for name, value in given.items():
        try:
            given[name] = _prepared(session, hints.get(name), value, today)
        except CrmkitError as error:
            problems.extend(placed(error, name, value))
    try:
        made = structure(shape, {name: value for name, value in given.items() if name not in _fields(problems)})
    except InvalidInput as error:
        missed = [item for item in error.problems if (item.field or "").partition(".")[0] not in _fields(problems)]
        raise InvalidInput([*problems, *missed]) from None
    if problems:
        raise InvalidInput(problems)
    if isinstance(made, Period) and made.last < made.first:
        raise InvalidInput([Problem("CK500", _("The period ends before it begins."), field="last")])
    return made


def placed(error: CrmkitError, field: str, value: Any = None) -> list[Problem]:
    """Return the problems of an error as those of a field; where in the field they are stays."""
    found = [copy.copy(problem) for problem in error.problems]
    for problem in found:
        problem.field, problem.value = field, value
    return found


def _fields(problems: list[Problem]) -> set[str]:
    return {(problem.field or "").partition(".")[0] for problem in problems}


def _prepared(session: CrmSession, hint: Any, value: Any, today: date) -> Any:
    if not isinstance(value, str):
        return value
    if Period in (hint, *get_args(hint)):
        found = parse_period(value, today, session.crm.config.get(session).fiscal_year_start)
        return {"first": found.first, "last": found.last}
    for mark in hint.__metadata__ if get_origin(hint) is typing.Annotated else ():
        if isinstance(mark, Named):
            _check_name(session, mark.kind, value)
    return value


def _check_name(session: CrmSession, kind: str, value: str) -> None:
    if kind == "expression":
        catalogue_of(session).checked(value)
        return
    known = defined(session, kind)
    if value not in known:
        close = difflib.get_close_matches(value, known, 1)
        problem = Problem(
            "CK781",
            _('There is no {kind} "{name}".'),
            hint=_('Did you mean "{close}"?') if close else _("Known: {known}."),
            kind=kind_named(kind).title,
            name=value,
            close="".join(close),
            known=", ".join(known) or "–",
        )
        raise InvalidInput([problem])


CHOICES: Mapping[str, str] = {
    str(text): text
    for text in (
        _("day"),
        _("week"),
        _("month"),
        _("quarter"),
        _("year"),
        _("category"),
        _("kind"),
        _("none"),
        _("period"),
    )
}
"""What choices among parameters are called, where that can be said in another language."""


def shown(report: Report, made: Any) -> tuple[Parameter, ...]:
    """Return the parameters as they were used, those that were left empty aside."""
    if made is None or report.parameters is None:
        return ()
    return tuple(
        Parameter(name=attribute.name, title=info.title or attribute.name, value=value, text=_said(hint, value))
        for attribute, hint, info in fields_of(report.parameters)
        if (value := getattr(made, attribute.name)) is not None
    )


def noted(report: Report, made: Any) -> dict[str, str]:
    """Return parameters for the audit log: free texts, which may say something about somebody, as hashes."""
    hints = {} if report.parameters is None else typing.get_type_hints(report.parameters, include_extras=True)
    found: dict[str, str] = {}
    for item in shown(report, made):
        hint = hints[item.name]
        marks: tuple[Any, ...] = getattr(hint, "__metadata__", ())
        named = any(isinstance(mark, Named) and mark.kind != "expression" for mark in marks)
        chosen = get_origin(get_args(hint)[0] if marks else hint) is typing.Literal
        plain = named or chosen or not isinstance(item.value, str)
        digest = hashlib.sha256(item.text.encode()).hexdigest()[:16]
        found[item.name] = item.text if plain else f"sha256:{digest}"
    return found


def _said(hint: Any, value: Any) -> str:
    return CHOICES.get(value, value) if get_origin(hint) is typing.Literal else _written(value)


def _written(value: Any) -> str:
    match value:
        case Period():
            return f"{value.first.isoformat()}..{value.last.isoformat()}"
        case bool():
            return str(value).lower()
        case datetime() | date():
            return value.isoformat()
        case tuple() | list():
            return ", ".join(map(_written, value))
        case str() | int() | float():
            return str(value)
        case _:
            return str(value) if not attrs.has(type(value)) else dumps(attrs.asdict(value))
