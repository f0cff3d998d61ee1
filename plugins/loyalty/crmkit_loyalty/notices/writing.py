"""What is written to members, in their own language: a text of its own for each kind, or a template of messaging's.

Must not send anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crmkit import CrmSession, Customer, texts
from crmkit.i18n import translate

_ = texts("crmkit_loyalty")

SUBJECTS = {
    "earned": _("{program}: you earned {points} {unit}"),
    "released": _("{program}: {points} {unit} can be spent now"),
    "expiring": _("{program}: {points} {unit} expire on {day}"),
    "tier": _("{program}: you are {tier} now"),
    "redemption": _("{program}: {reward}"),
    "referral": _("{program}: thank you for your invitation"),
    "challenge": _("{program}: you completed “{challenge}”"),
}
BODIES = {
    "earned": _("Hello {name},\n\nyou earned {points} {unit}. You have {balance} to spend now.\n\n{business}"),
    "released": _(
        "Hello {name},\n\n{points} {unit} that waited can be spent from now on. You have {balance}.\n\n{business}"
    ),
    "expiring": _(
        "Hello {name},\n\n{points} of your {balance} {unit} are good through {day}, and are gone then. Spend them"
        " before.\n\n{business}"
    ),
    "tier": _("Hello {name},\n\nyour tier is {tier} now.\n\n{benefits}\n\n{business}"),
    "redemption": _("Hello {name},\n\n{reward}: {state}. {tracking}\n\n{business}"),
    "referral": _(
        "Hello {name},\n\nan invitation was rewarded: you have {points} {unit} for it, and they can be spent"
        " now.\n\n{business}"
    ),
    "challenge": _("Hello {name},\n\nyou completed “{challenge}”. You get {points} {unit} for it.\n\n{business}"),
}


def message_for(
    session: CrmSession, customer: Customer, kind: str, values: Mapping[str, Any], template: str | None
) -> dict[str, Any]:
    """Return what is handed to messaging of a notice; texts that are marked and days are put into the customer's
    language."""
    business = session.business()
    language = customer.language if type(customer.language) is str and customer.language else business.language
    said = {name: _said(value, language) for name, value in values.items()}
    if template:
        return {"language": language, "template": template, "values": said}
    said = {"name": customer.name, "business": business.name, **said}
    lines = translate(BODIES[kind], language).format(**said).split("\n")
    body = "\n".join(line.rstrip() for line in lines).replace("\n\n\n\n", "\n\n").replace("\n\n\n", "\n\n")
    return {"language": language, "subject": translate(SUBJECTS[kind], language).format(**said)[:500], "body": body}


def _said(value: Any, language: str) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, date):
        return value.isoformat()
    return translate(value, language) if isinstance(value, str) else value
