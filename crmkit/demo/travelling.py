"""Something to watch on the first day: a map of buying, and a flow that asks customers to come again, with some of them
on their way, for who looks around.

Does what the plugin journey has operations for, and nothing where that is not enabled. All of it is made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit.core.store.actor import Actor

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

FLOW = "come_again"
NUMBER = 60
"""So many customers are let in."""
DOCUMENT: dict[str, Any] = {
    "entry": {"on": "segment", "segment": "slipping_regulars", "again": "after", "days": 180},
    "goal": {"kinds": ["purchase"], "days": 60},
    "hold_out": 0.2,
    "start": "breathe",
    "nodes": {
        "breathe": {"type": "wait", "span": "2 days", "next": "worth", "title": "Let them breathe 稍候"},
        "worth": {
            "type": "branch",
            "cases": [{"when": "purchase.count >= 10", "next": "call"}],
            "otherwise": "remember",
            "title": "Who buys often? 是否常购",
        },
        "call": {
            "type": "task",
            "task": "Ask why they did not come back 询问未复购原因",
            "due": "3 days",
            "next": "heard",
            "title": "Call them 致电",
        },
        "heard": {
            "type": "wait",
            "kinds": ["call", "email"],
            "timeout": "14 days",
            "next": "done",
            "otherwise": "remember",
            "title": "Wait for an answer 等待回复",
        },
        "remember": {
            "type": "task",
            "task": "Send the new catalogue 寄送新目录",
            "next": "done",
            "title": "Remember us 提醒",
        },
        "done": {"type": "exit"},
    },
}


def give_journeys(cli: Invocation, user_id: UUID) -> None:
    """Draw the map and the flow of the demonstration, and let some customers in. To be called once. ``user_id`` is who
    owns the flow."""
    from sqlalchemy import select

    from crmkit.core.customers.models import Customer
    from crmkit.engines.definitions.publishing import defined

    crm, actor = cli.crm, Actor.system("demonstration")
    if "journey.flow.create" not in crm.registry.operations:
        return
    with crm.transaction(actor) as session:
        session.run("journey.map.install")
        if "work.task.create" not in crm.registry.operations:
            return
        document = dict(DOCUMENT)
        if document["entry"]["segment"] not in defined(session, "segment"):
            document["entry"] = {"on": "call"}
        title = {"title": "Come again 再次光临", "description": "Regulars who slip are asked why. 询问流失中的常客。"}
        flow = session.run("journey.flow.create", {"name": FLOW, "document": document, "owner_id": user_id, **title})
        session.run("journey.flow.publish", {"note": "The first one"}, target=flow)
        query = select(Customer.id).where(Customer.kind == "organization").order_by(Customer.id).limit(NUMBER)
        for customer_id in session.scalars(query).all():
            session.run("journey.passage.enter", {"flow": FLOW, "customer_id": customer_id})
    while crm.run(actor, "journey.passage.advance", {"flow": FLOW}):
        pass
