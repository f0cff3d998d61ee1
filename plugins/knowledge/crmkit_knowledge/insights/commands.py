"""``crmkit knowledge insights``: what is known of a customer."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option

_ = texts("crmkit_knowledge")


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(group, "insights", _("List what is known of a customer."))
    @click.argument("customer")
    @option("--all", "every", is_flag=True, help=_("With what does not hold any more."))
    def insights(cli: Invocation, customer: str, every: bool) -> None:
        """Print insights."""
        from sqlalchemy import select

        from crmkit_knowledge.insights.models import InsightTopic
        from crmkit_knowledge.insights.reading import holding, of_customer

        who = customer_id(cli, customer)
        with cli.session() as session:
            topics = {each.id: each.name for each in session.scalars(select(InsightTopic))}
            found = of_customer(session, who) if every else holding(session, [who])
            rows = [_row(each, topics.get(each.topic_id, "")) for each in found]
        columns = (
            Column("topic", _("Topic")),
            Column("kind", _("Kind")),
            Column("text", _("What is known")),
            Column("source", _("Source")),
            Column("confidence", _("Confidence"), align="right"),
            Column("expires_on", _("Expires on")),
            Column("due_on", _("Promised for")),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("Nothing is known yet."))


def _row(insight: Any, topic: str) -> dict[str, Any]:
    return {
        "id": str(insight.id),
        "topic": topic,
        "kind": insight.kind,
        "text": insight.text if type(insight.text) is str else None,
        "source": insight.source,
        "ref": insight.ref,
        "confidence": float(insight.confidence),
        "learnt_at": insight.learnt_at,
        "confirmed_at": insight.confirmed_at,
        "expires_on": insight.expires_on,
        "due_on": insight.due_on,
        "state": insight.state,
    }
