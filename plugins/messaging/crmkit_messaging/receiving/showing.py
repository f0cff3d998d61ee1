"""The page of one mail: what was written, the history below, its files, its thread, and what to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Attachment, CrmSession, Customer, Interaction, NotFound, Page, Participant, texts
from crmkit_messaging.receiving.cleaning import clean_html
from crmkit_messaging.receiving.models import ANSWERED, KINDS, SEVERITIES, Bounce, ReceivedMail
from crmkit_messaging.receiving.pages import LIST, WRITE

_ = texts("crmkit_messaging")

LEFT_OUT = {
    "size": _("It is too large: its end is missing."),
    "nested": _("Its parts are nested too deeply: not all were read."),
    "broken": _("It is broken: not all of it could be read."),
    "parts": _("It has too many parts: not all were read."),
    "unreadable": _("A part could not be read."),
    "text": _("Its text is too long: the end is missing."),
    "files": _("It has too many files: not all are kept."),
    "refused": _("A file of a type that is not accepted was not kept."),
}
"""What was not kept of a mail, in words, by code."""
ROLES = {"from": _("From"), "to": _("To"), "cc": _("Copy to"), "customer": _("Customer")}


def mail(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a mail by the id of its interaction. Raises NotFound where the reader sees none."""
    try:
        identity = UUID(query.get("id", ""))
    except ValueError:
        raise NotFound(_("There is no such mail.")) from None
    found = session.scalar(select(ReceivedMail).where(ReceivedMail.interaction_id == identity))
    interaction = session.get(Interaction, identity)
    if found is None or interaction is None:
        raise NotFound(_("There is no such mail."))
    people = session.scalars(select(Participant).where(Participant.interaction_id == identity)).all()
    html = found.html if type(found.html) is str else ""
    rights = session.guarding.rights
    headers = interaction.payload.get("headers")
    checked = str(headers.get("authentication-results", "")) if isinstance(headers, dict) else ""
    return {
        "mail": found,
        "interaction": interaction,
        "customer": session.get(Customer, found.customer_id) if found.customer_id is not None else None,
        "people": sorted(people, key=lambda each: list(ROLES).index(each.role) if each.role in ROLES else 9),
        "roles": ROLES,
        # Cleaned when it came in; once more here, as nothing that is shown may rest on what is kept.
        "html": clean_html(html) if html else "",
        "files": session.scalars(
            select(Attachment).where(Attachment.interaction_id == identity).order_by(Attachment.id)
        ).all(),
        "left_out": _left_out(found),
        "bounces": session.scalars(select(Bounce).where(Bounce.interaction_id == identity)).all(),
        "severities": SEVERITIES,
        "thread": _thread(session, interaction),
        "kinds": KINDS,
        "answers": ANSWERED,
        "forged": "dmarc=fail" in checked.lower(),
        "may_resolve": found.unresolved and rights.scope("messaging.mail", "resolve") != "none",
        "may_write": found.customer_id is not None and rights.scope("messaging.message", "send") != "none",
        "list": LIST,
        "write": WRITE,
    }


def _left_out(found: ReceivedMail) -> list[tuple[str, str]]:
    said = found.left_out
    if type(said) is not list:
        return []
    return [
        (LEFT_OUT.get(str(each.get("code")), str(each.get("code"))), str(each.get("name") or ""))
        for each in said
        if isinstance(each, dict)
    ]


def _thread(session: CrmSession, interaction: Interaction) -> list[Interaction]:
    """Return what else belongs to the thread, the newest first."""
    if not interaction.thread:
        return []
    return list(
        session.scalars(
            select(Interaction)
            .where(Interaction.thread == interaction.thread, Interaction.id != interaction.id)
            .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
            .limit(20)
        )
    )


PAGES = [
    Page(
        name="messaging.mail",
        title=_("Mail"),
        path="/mails/show",
        template="messaging/receiving/mail.html",
        context=mail,
        permission="messaging.mail.read",
        icon="mail",
        menu=False,
    )
]
