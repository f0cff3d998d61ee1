"""Fields in the texts of saved replies and macros: ``{{ customer.name }}``, with ``{{ customer.name | you }}`` for what
stands there where there is no value.

A closed list of names is looked up, nothing is computed, so a text can do nothing but stand there. What has no value
and nothing to stand in for it stays as it was written, and is not sent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import timedelta

from babel.dates import format_date
from sqlalchemy import select

from crmkit import CrmSession, Customer, InvalidInput, Problem, Product, User, texts
from crmkit.i18n import normalise_language
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

FIELDS: Mapping[str, str] = {
    "customer.name": _("Name of the customer"),
    "customer.given_name": _("Given name of the customer"),
    "customer.family_name": _("Family name of the customer"),
    "case.number": _("Number of the case"),
    "case.subject": _("Subject of the case"),
    "case.product": _("Product of the case"),
    "agent.name": _("Your name"),
    "business.name": _("Name of the business"),
    "today": _("Today"),
    "tomorrow": _("Tomorrow"),
}
"""What a text may hold, with titles."""
_FIELD = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|\s*([^{}]*?)\s*)?\}\}")
_LOCALES = {"zh_Hans": "zh_Hans_CN", "en": "en_GB"}


def check_fields(text: str, name: str = "body") -> list[Problem]:
    """Return a problem for each field of a text that there is not, with the one that was probably meant."""
    found = []
    for said in dict.fromkeys(match[1] for match in _FIELD.finditer(text)):
        if said in FIELDS:
            continue
        close = difflib.get_close_matches(said, FIELDS, 1)
        hint = _('Did you mean "{close}"?') if close else _("There are: {known}.")
        found.append(
            Problem(
                InvalidInput.code,
                _('There is no field "{name}".'),
                field=name,
                hint=hint,
                name=said,
                close=close[0] if close else "",
                known=", ".join(FIELDS),
            )
        )
    return found


def unfilled(text: str) -> list[str]:
    """Return the fields that still stand in a text, each once."""
    return list(dict.fromkeys(match[1] for match in _FIELD.finditer(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its fields filled in; those without a value stay, unless something stands in for them."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1]) or match[2] or match[0]

    return _FIELD.sub(value, text)


def values_for(session: CrmSession, case: Case) -> Mapping[str, str]:
    """Return what the fields are for a case, as whoever acts may see it: what is masked has no value."""
    customer = session.get(Customer, case.customer_id)
    config = session.crm.config.get(session)
    readable = customer is not None and session.level(Customer, "personal") == "full"
    user_id = session.guarding.rights.user_id
    agent = session.get(User, user_id) if user_id is not None else None
    product = session.get(Product, case.product_id) if case.product_id is not None else None
    language = normalise_language(case.language or config.language)
    locale = _LOCALES.get(language, language)
    today = session.today()
    return {
        "customer.name": str(customer.name or "") if customer is not None and readable else "",
        "customer.given_name": str(customer.given_name or "") if customer is not None and readable else "",
        "customer.family_name": str(customer.family_name or "") if customer is not None and readable else "",
        "case.number": str(case.number),
        "case.subject": case.subject,
        "case.product": product.name if product is not None else "",
        "agent.name": agent.name if agent is not None else "",
        "business.name": config.name or "",
        "today": format_date(today, "long", locale=locale),
        "tomorrow": format_date(today + timedelta(days=1), "long", locale=locale),
    }


def names_of(session: CrmSession, ids: set[object]) -> Mapping[object, str]:
    """Return the names of users by their ids."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(wanted)))}
