"""What a company that is new to lifecycle begins with: models of customers and of silence, and two plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit import texts
from crmkit.i18n import translate
from crmkit_lifecycle.designing.choosing import draft_of
from crmkit_lifecycle.designing.models import LifecycleModel
from crmkit_lifecycle.winning.models import CarePlan

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_lifecycle")

CUSTOMER: tuple[dict[str, Any], ...] = (
    {
        "name": "prospect",
        "title": _("Prospect"),
        "kind": "entry",
        "enter": "interaction.count > 0 or purchase.count > 0",
        "moves": ["engaged", "first"],
        "label": "potential",
        "weight": 1,
    },
    {
        "name": "engaged",
        "title": _("Engaged"),
        "enter": "has(interaction.last_inbound_at) and purchase.count == 0",
        "moves": ["first", "lapsed"],
        "label": "potential",
        "mark": "mql",
        "weight": 2,
    },
    {
        "name": "first",
        "title": _("First purchase"),
        "enter": "purchase.count >= 1",
        "moves": ["repeat", "lapsed"],
        "label": "new",
        "mark": "customer",
        "weight": 3,
    },
    {
        "name": "repeat",
        "title": _("Buys again"),
        "enter": "purchase.days >= 2",
        "moves": ["loyal", "lapsed"],
        "label": "mature",
        "mark": "customer",
        "weight": 4,
    },
    {
        "name": "loyal",
        "title": _("Loyal"),
        "kind": "good",
        "enter": "purchase.days >= 5",
        "label": "mature",
        "mark": "customer",
        "weight": 5,
    },
    {
        "name": "lapsed",
        "title": _("Lost"),
        "kind": "bad",
        "enter": 'lifecycle.activity == "lost"',
        "label": "lost",
        "weight": 0,
    },
)
"""The stages of the way of customers."""
BACK = 'lifecycle.stage_in["customer"] == "lapsed" and lifecycle.activity == "active"'
"""Who was lost and buys again begins the way of customers again."""
SILENT: tuple[dict[str, Any], ...] = (
    {
        "name": "silent",
        "title": _("Gone silent"),
        "kind": "entry",
        "enter": 'lifecycle.activity == "silent"',
        "moves": ["approached", "back", "gone"],
    },
    {
        "name": "approached",
        "title": _("Approached"),
        "enter": 'lifecycle.winback_state == "open"',
        "moves": ["back", "gone"],
    },
    {"name": "back", "title": _("Back"), "kind": "good", "enter": 'lifecycle.activity == "active"', "label": "mature"},
    {"name": "gone", "title": _("Lost"), "kind": "bad", "enter": 'lifecycle.activity == "lost"', "label": "lost"},
)
"""The stages of the way of who goes silent: from each of the first two one comes back or is lost."""


def plugin_enabled(crm: CRM) -> None:
    """Add the models and plans that are usual, in the company's language, where there are none."""
    actor = crm.system("the usual lifecycle models")
    with crm.transaction(actor) as session:
        if session.scalar(select(LifecycleModel.id).limit(1)) is not None:
            return
        language = crm.config.get(session).language

        def said(text: str) -> str:
            return translate(text, language)

        ways = (
            ("customer", _("Customers"), CUSTOMER, BACK, "none"),
            ("silence", _("Customers who go silent"), SILENT, "", "none"),
        )
        for name, title, stages, again, method in ways:
            values = {"name": name, "title": said(title), "usual": name == "customer", "roll_up": method}
            model = session.run("lifecycle.model.create", values)
            draft = draft_of(session, model.id)
            session.run("lifecycle.version.update", {"again": again}, target=draft)
            for stage in stages:
                session.run("lifecycle.stage.create", {**stage, "title": said(stage["title"]), "model": name})
            session.run("lifecycle.model.publish", {}, target=model)
        plans = (
            (
                "keep",
                _("Keep who has gone silent"),
                "retention",
                'lifecycle.activity == "silent"',
                _("Ask how it goes"),
            ),
            ("win_back", _("Win back who is lost"), "winback", 'lifecycle.activity == "lost"', _("Make an offer")),
        )
        for name, title, purpose, activity, task in plans:
            session.run(
                "lifecycle.winback.create",
                {
                    "name": name,
                    "title": said(title),
                    "purpose": purpose,
                    "eligible": f"{activity} and purchase.days >= 2",
                    "task": said(task),
                },
            )
            plan = session.scalars(select(CarePlan).where(CarePlan.name == name)).one()
            session.run("lifecycle.winback.update", {"active": False}, target=plan)
