"""What promises add where a customer is shown, and to the first page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, Panel, texts
from crmkit_experience.promises.reading import open_of, promises
from crmkit_experience.promises.ticking import HOME
from crmkit_experience.promises.words import KINDS

_ = texts("crmkit_experience")

SHOWN = 6
LENGTH = 160


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open promises of each customer, the most urgent first; where there is none, the way to note one for
    whoever may."""
    rights = session.guarding.rights
    if not rights.unrestricted and rights.scope("experience.promise", "read") == "none":
        return []
    notes = rights.unrestricted or rights.scope("experience.promise", "create") != "none"
    rows: dict[UUID, list[tuple[str, str]]] = {}
    for each in open_of(session, customer_ids):
        rows.setdefault(each.customer_id, []).append((KINDS[each.kind], f"{each.due_on} · {short(each.what)}"))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Promises to keep"),
            rows=rows.get(customer_id, [(_("Open promises"), "0")])[:SHOWN],
            path=f"{HOME}?customer={customer_id}",
            link=_("All promises") if customer_id in rows else _("Note a promise"),
        )
        for customer_id in customer_ids
        if customer_id in rows or notes
    ]


def due_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the open promises of whoever looks, the most urgent first."""
    user = session.guarding.rights.user_id
    if user is None:
        return []
    found = promises(session, owner_id=user, limit=5)
    ids = {each.customer_id for each in found}
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    now = session.gate.clock.business_now()
    return [
        CardLine(
            title=short(each.what) or KINDS[each.kind],
            hint=str(names.get(each.customer_id, "")),
            at=each.due_on if each.whole_day else each.due_at,
            path=f"{HOME}?customer={each.customer_id}",
            tone="bad" if each.due_at <= now else "",
            icon="flag",
        )
        for each in found
    ]


def short(text: object) -> str:
    """Return the beginning of a text; of one that the reader may not see nothing."""
    if type(text) is not str:
        return ""
    words = " ".join(text.split())
    return words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"


CARDS = [
    DashboardCard(
        name="experience.promises",
        title=_("Promises of mine"),
        rows=due_lines,
        permission="experience.promise.read",
        path=HOME,
        icon="flag",
        order=41,
    )
]
