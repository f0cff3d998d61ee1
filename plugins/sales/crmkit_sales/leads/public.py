"""The page on which a visitor fills in a form. It shows what the form says, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crmkit import CrmSession, NotFound, PublicPage, Visit, texts
from crmkit_sales.leads.forms import DAYS, OPENED, PAGE, TRAP, stamp
from crmkit_sales.leads.models import LeadForm
from crmkit_sales.leads.words import CHOICES, FIELDS

_ = texts("crmkit_sales")

KINDS = {"email": "email", "phone": "tel"}
FILLS = {"name": "name", "email": "email", "phone": "tel", "company": "organization", "job_title": "organization-title",
         "city": "address-level2", "country": "country-name"}  # fmt: skip
"""By these names browsers know what to fill in."""


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the form asks and says in the language of the visitor."""
    form = _form(session, visit)
    said = form.texts.get(visit.language) or next(iter(form.texts.values()), {})
    titles = session.crm.config.get(session).options.get("consent_purpose", {})
    return {
        "heading": said.get("title") or form.title,
        "introduction": said.get("introduction", ""),
        "thanks": said.get("thanks", ""),
        "agreed": said.get("consent", ""),
        "questions": [(field, FIELDS[field], required) for field, required in form.fields],
        "choices": CHOICES,
        "kinds": KINDS,
        "fills": FILLS,
        "purposes": [(name, titles.get(name, name)) for name in form.purposes],
        "trap": TRAP,
        "opened": OPENED,
        "stamp": stamp(form, session.gate.clock.now()),
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep what was filled in. Raises InvalidInput for what is missing, TooManyAttempts for too much."""
    form = _form(session, visit)
    said: dict[str, Any] = {name: found[0] for name, found in values.items() if found and name != "consent"}
    said["consent"] = list(values.get("consent", ()))
    session.run("sales.form.answer", {"values": said, "language": visit.language}, target=form)


def embeds(session: CrmSession, visit: Visit) -> Sequence[str]:
    """Return the websites that may show the form in a frame."""
    return _form(session, visit).origins


def _form(session: CrmSession, visit: Visit) -> LeadForm:
    try:
        form = session.get(LeadForm, UUID((visit.ref or "").rpartition(":")[2]))
    except ValueError:
        form = None
    # The address before the last one does not open it any more.
    if form is None or not form.active or form.link_id != visit.link_id:
        raise NotFound(_("There is no such page."))
    return form


FORM = PublicPage(
    name=PAGE,
    title=_("Contact"),
    template="sales/leads/form.html",
    show=show,
    submit=submit,
    embeds=embeds,
    rights=("sales.form.read", "sales.form.answer", "sales.inquiry.create"),
    expires=DAYS,
    throttle=1000,
)
"""The page of a form."""
