"""The rules that come with the plugin: what is usually asked of customers' data. Each is an admin's to change."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from crmkit import texts
from crmkit_quality.rules.checks import CHECKS, Aspect

_ = texts("crmkit_quality")

Severity = Literal["info", "warning", "error"]


@frozen(kw_only=True)
class ShippedRule:
    """A rule that comes with the plugin: a check by its name, or an expression."""

    name: str
    title: str
    about: str
    severity: Severity
    aspect: Aspect
    valid_when: str = ""
    applies_when: str = ""
    check: str = ""
    enabled: bool = True


def _checked(name: str, severity: Severity) -> ShippedRule:
    check = CHECKS[name]
    return ShippedRule(
        name=name, title=check.title, about=check.about, severity=severity, aspect=check.aspect, check=name
    )


SHIPPED: tuple[ShippedRule, ...] = (
    _checked("name", "error"),
    _checked("email", "error"),
    _checked("phone", "error"),
    _checked("phone_country", "info"),
    _checked("registration_number", "error"),
    _checked("resident_number", "error"),
    _checked("resident_birth_date", "error"),
    _checked("resident_gender", "warning"),
    _checked("postcode", "warning"),
    _checked("birth_date", "warning"),
    _checked("city_in_province", "warning"),
    ShippedRule(
        name="reachable",
        title=_("There is a way to reach the customer"),
        about="contact",
        severity="error",
        aspect="completeness",
        valid_when="contact.has_email or contact.has_phone or contact.has_address",
    ),
    ShippedRule(
        name="language",
        title=_("The language is known"),
        about="language",
        severity="info",
        aspect="completeness",
        valid_when="has(customer.language)",
        applies_when='customer.kind == "person"',
    ),
    ShippedRule(
        name="country",
        title=_("The country is known"),
        about="country",
        severity="warning",
        aspect="completeness",
        valid_when="has(customer.country)",
    ),
    ShippedRule(
        name="owner",
        title=_("Somebody looks after the customer"),
        about="owner",
        severity="info",
        aspect="completeness",
        valid_when="has(customer.owner)",
        applies_when='customer.standing == "customer"',
    ),
    ShippedRule(
        name="industry",
        title=_("The industry of an organisation is known"),
        about="industry",
        severity="info",
        aspect="completeness",
        valid_when="has(customer.industry)",
        applies_when='customer.kind == "organization"',
    ),
    ShippedRule(
        name="city_with_country",
        title=_("A city has its country"),
        about="country",
        severity="warning",
        aspect="consistency",
        valid_when="has(customer.country)",
        applies_when="has(customer.city)",
    ),
)
"""The rules in their order."""
