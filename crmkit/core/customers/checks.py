"""What the fields of a customer must look like, for new customers and for changes alike.

Each check returns the value as it is kept. Must not touch the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from crmkit.core.business import standards
from crmkit.core.business.config import Config
from crmkit.core.business.options import CLOSED, check_option
from crmkit.core.business.standards import named, refused
from crmkit.core.customers import contacts
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

OPTION_FIELDS: Mapping[str, str] = {
    "gender": "gender",
    "occupation": "occupation",
    "industry": "industry",
    "source": "source",
    "identity_kind": "identity",
}
"""Fields whose values come from an option list."""
FIRST_BIRTH = date(1850, 1, 1)


@frozen(kw_only=True)
class Setting:
    """What the checks have to know: the configuration, and the business's present day."""

    config: Config
    today: date


def check_fields(values: dict[str, Any], setting: Setting, problems: list[Problem]) -> None:
    """Bring the fields of a customer into the form in which they are kept, in place; add what is wrong to ``problems``.

    Texts that are empty or of spaces alone become null. Fields that are not given, or null, are left alone.
    """
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = plain_text(value)
    for name, check in _CHECKS.items():
        value = values.get(name)
        if value is not None:
            try:
                values[name] = check(value, setting)
            except InvalidInput as error:
                problems.extend(named(problem, name) for problem in error.problems)
    if CLOSED in setting.config.required:
        for name, list_name in OPTION_FIELDS.items():
            value = values.get(name)
            problem = check_option(setting.config, list_name, value, name) if value is not None else None
            if problem is not None:
                problems.append(problem)


def refuse_emptied(config: Config, *names: str) -> None:
    """Raise InvalidInput where an admin has made one of the fields required that are about to be emptied."""
    required = config.required.get("customer", frozenset[str]())
    problems = [Problem("CK500", _("This is required."), field=name) for name in names if name in required]
    if problems:
        raise InvalidInput(problems)


def plain_text(text: str | None) -> str | None:
    """Return a text as it is, or None for one that is empty or of spaces alone."""
    return text if text and not text.isspace() else None


def check_identity(kind: str | None, number: str | None, problems: list[Problem]) -> str | None:
    """Return an identity number as it is kept, checked where its kind has check digits."""
    number = (number or "").strip()
    if not number:
        return None
    if kind is None:
        problems.append(
            Problem("CK500", _("It is not said what kind of number the identity number is."), field="identity_kind")
        )
        return number
    if kind not in ("resident_id", "uscc"):
        return number
    from stdnum.cn import ric, uscc
    from stdnum.exceptions import InvalidChecksum, ValidationError

    try:
        if kind == "uscc":
            return str(uscc.validate(number))
        plain = str(ric.compact(number)).upper()
        # Counties come and go: one that no longer exists is no error, a wrong check digit is.
        ric.get_birth_date(plain)
        if len(plain) != 18 or ric.calc_check_digit(plain) != plain[-1]:
            raise InvalidChecksum
        return plain
    except (ValidationError, ValueError):
        problems.append(
            Problem(
                "CK500",
                _("This is not a valid number of a Chinese resident identity card.")
                if kind == "resident_id"
                else _("This is not a valid unified social credit code."),
                field="identity_number",
                value=number,
                hint=_("Check its digits: it has 18, of which the last is computed from the others."),
            )
        )
        return number


def _birth_date(value: date, setting: Setting) -> date:
    if value > setting.today:
        raise refused(_("A date of birth is not in the future."), hint=_("Check the year."), value=value)
    if value < FIRST_BIRTH:
        raise refused(_("A date of birth is not before 1850."), hint=_("Check the year."), value=value)
    return value


_CHECKS: Mapping[str, Callable[[Any, Setting], Any]] = {
    "birth_date": _birth_date,
    "language": lambda value, setting: standards.language_tag(value),
    "time_zone": lambda value, setting: standards.time_zone(value),
    "country": lambda value, setting: standards.country(value),
    "website": lambda value, setting: contacts.website(value),
}
