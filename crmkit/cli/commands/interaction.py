"""``crmkit interaction``: recording what happened, and the stream as a list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.cli.values import instant, pairs
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")

interaction = group(help=_("Record and list what happened with customers."), name="interaction")
"""The group ``crmkit interaction``."""


@command(
    interaction,
    "add",
    _(
        "Record an interaction: its kind (call, email, visit, purchase, note …) and its fields as field=value, "
        "payload.NAME=value for the details of the kind. crmkit operation show interaction.record lists the fields."
    ),
)
@click.argument("kind")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@option(
    "--customer", metavar="CUSTOMER", help=_("Id, source:external-id, e-mail, phone or exact name of the customer.")
)
@option("--at", metavar="INSTANT", help=_("When it happened; without a zone in the business's. By default now."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are recorded once."))
def add(
    cli: Invocation, kind: str, values: tuple[str, ...], customer: str | None, at: str | None, key: str | None
) -> None:
    """Record an interaction and print it."""
    from crmkit.cli.naming import customer_id

    given = {"kind": kind, **pairs(values)}
    if customer is not None:
        given["customer_id"] = customer_id(cli, customer)
    if at is not None:
        given["occurred_at"] = instant(at, cli.crm.business().zone, name="--at", end_of_day=False)
    show_result(cli, cli.run("interaction.record", given, key=key))


@command(interaction, "list", _("List interactions, newest first; with --unresolved only those without a customer."))
@option("--customer", metavar="CUSTOMER", help=_("Only those of this customer."))
@option(
    "--kind", "kinds", multiple=True, metavar="KIND", help=_("Only those of this kind; may be given several times.")
)
@option("--since", metavar="INSTANT", help=_("Only those that happened then or later."))
@option("--until", metavar="INSTANT", help=_("Only those that happened then or earlier."))
@option("--unresolved", is_flag=True, help=_("Only those whose customer is not known yet."))
@option("--limit", type=click.IntRange(1, 10_000), metavar="N", default=50, help=_("At most so many (50)."))
@option("--after", metavar="CURSOR", help=_("Go on where the page before ended."))
def list_(
    cli: Invocation,
    customer: str | None,
    kinds: tuple[str, ...],
    since: str | None,
    until: str | None,
    unresolved: bool,
    limit: int,
    after: str | None,
) -> None:
    """Print a page of the stream."""
    from sqlalchemy import and_, or_, select

    from crmkit.cli.naming import find_customer
    from crmkit.core.customers.models import Customer
    from crmkit.core.interactions.models import Interaction
    from crmkit.core.interactions.visibility import visible_to

    query = (
        select(Interaction, Customer.name)
        .outerjoin(Customer, Customer.id == Interaction.customer_id)
        .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
        .limit(limit + 1)
    )
    zone = cli.crm.business().zone
    if kinds:
        query = query.where(Interaction.kind.in_(kinds))
    if since is not None:
        query = query.where(Interaction.occurred_at >= instant(since, zone, name="--since", end_of_day=False))
    if until is not None:
        query = query.where(Interaction.occurred_at <= instant(until, zone, name="--until"))
    if unresolved:
        query = query.where(Interaction.customer_id.is_(None))
    if after is not None:
        moment, identity = _place(after)
        query = query.where(
            or_(
                Interaction.occurred_at < moment,
                and_(Interaction.occurred_at == moment, Interaction.id < identity),
            )
        )
    with cli.session() as session:
        query = query.where(visible_to(session))
        if customer is not None:
            query = query.where(Interaction.customer_id == find_customer(session, customer).id)
        found = session.execute(query).all()
        rows = [
            {
                "id": item.id,
                "kind": item.kind,
                "channel": item.channel,
                "direction": item.direction,
                "customer_id": item.customer_id,
                "customer": name,
                "occurred_at": item.occurred_at,
                "recorded_at": item.recorded_at,
                "subject": item.subject,
                "amount": item.amount,
                "outcome": item.outcome,
                "source": item.source,
                "external_id": item.external_id,
                "reverses_id": item.reverses_id,
            }
            for item, name in found[:limit]
        ]
        following = None
        if len(found) > limit:
            last = found[limit - 1][0]
            following = f"{last.occurred_at.isoformat()}_{last.id}"
    columns = (
        Column("occurred_at", _("When")),
        Column("kind", _("Kind")),
        Column("customer", _("Customer")),
        Column("subject", _("Subject")),
        Column("amount", _("Amount"), "right"),
        Column("id", _("Id")),
    )
    cli.output.table(columns, rows, next=following, empty=_("There is no such interaction."))


def _place(cursor: str) -> tuple[datetime, UUID]:
    from crmkit.core.store.ids import parse_id

    text, _separator, identity = cursor.partition("_")
    parsed = parse_id(identity)
    try:
        moment = datetime.fromisoformat(text)
        if parsed is None or moment.tzinfo is None:
            raise ValueError(cursor)
        return moment, parsed
    except ValueError:
        raise InvalidInput(_('"{cursor}" is not where a page ended.'), cursor=cursor) from None
