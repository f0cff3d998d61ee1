"""``crmkit customer``: customers as lists, in full, with their timeline, and changes of them.

A customer is named by id, ``source:external_id``, e-mail address, phone number or exact name.
"""

from __future__ import annotations

import click
from attrs import evolve

from crmkit.cli.asking import the_reason
from crmkit.cli.commands import merging as merging
from crmkit.cli.commands.customer_group import customer
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, option
from crmkit.cli.results import show_result
from crmkit.cli.values import instant, pairs
from crmkit.errors import UsageError
from crmkit.i18n import texts

_ = texts("crmkit")

NAMED = _("CUSTOMER is an id, source:external-id, e-mail address, phone number or exact name.")


@command(
    customer,
    "list",
    _(
        "List customers by pages. A condition is FIELD, one of = != >= <= > < ~ (contains), and a value: city=上海, "
        "created_at>=2026-01-01, tag=vip, custom.NAME=x; an empty value means that the field is empty."
    ),
)
@option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help=_("Only customers for whom this holds; all of several must."),
)
@option(
    "--sort",
    metavar="FIELDS",
    default="sort_name",
    help=_("Fields with commas between, - before one for descending (sort_name)."),
)
@option("--limit", type=click.IntRange(1, 5000), metavar="N", default=50, help=_("At most so many (50)."))
@option("--after", metavar="CURSOR", help=_("Go on where the page before ended."))
@option("--columns", metavar="FIELDS", help=_("Columns of the table, with commas between."))
@option("--count", "only_count", is_flag=True, help=_("Print only how many there are."))
@option("--deleted", is_flag=True, help=_("Also deleted customers."))
def list_(
    cli: Invocation,
    conditions: tuple[str, ...],
    sort: str,
    limit: int,
    after: str | None,
    columns: str | None,
    only_count: bool,
    deleted: bool,
) -> None:
    """Print a page of customers."""
    from crmkit.cli.customers import list_columns, list_row
    from crmkit.core.customers.queries import CustomerQuery, count, page

    query = CustomerQuery(conditions=conditions, sort=sort, limit=limit, after=after, include_deleted=deleted)
    with cli.session() as session:
        if only_count:
            number = count(session, query)
            cli.output.record([(_("Customers"), number)], json={"count": number})
            return
        shown = list_columns(session, columns)
        found = page(session, query)
        rows = [list_row(session, item) for item in found.items]
    cli.output.table(shown, rows, next=found.next, empty=_("There is no such customer."))


@command(
    customer,
    "show",
    _(
        "Show everything about a customer: profile, labels with reasons, segments, facts, what happened last and what "
        "plugins add. What is sealed is masked unless you reveal it. CUSTOMER is an id, source:external-id, e-mail, "
        "phone or exact name."
    ),
)
@click.argument("customer")
@option("--history", is_flag=True, help=_("Also what was changed, newest first."))
@option("--as-of", "as_of", metavar="INSTANT", help=_("As it stood then: a day (its end) or an instant."))
@option("--deleted", is_flag=True, help=_("Look among deleted customers, too."))
@option("--reveal", is_flag=True, help=_("What is masked in full, as it is now; it is audited with the reason."))
@option("--reason", metavar="TEXT", help=_("Why it is revealed."))
@option(
    "--entries",
    type=click.IntRange(1, 500),
    metavar="N",
    default=10,
    help=_("Entries of the timeline, at most so many (10)."),
)
def show(
    cli: Invocation,
    customer: str,
    history: bool,
    as_of: str | None,
    deleted: bool,
    entries: int,
    reveal: bool,
    reason: str | None,
) -> None:
    """Print one customer with everything that belongs to it."""
    from crmkit.cli.customers import show_customer
    from crmkit.cli.naming import find_customer
    from crmkit.engines.overview.overview import overview
    from crmkit.engines.overview.profile import with_revealed

    if reveal and as_of is not None:
        raise UsageError(_("--reveal shows the present; leave --as-of out."))
    if reveal:
        reason = the_reason(cli, reason)
    moment = instant(as_of, cli.crm.business().zone, name="--as-of") if as_of is not None else None
    with cli.session() as session:
        identity = find_customer(session, customer, deleted=deleted).id
        view = overview(session, identity, moment, entries=entries, history=history)
    if reveal:
        revealed = cli.run("customer.reveal", {"reason": reason}, target=identity)
        view = evolve(view, profile=with_revealed(view.profile, revealed))
    show_customer(cli, view)


@command(
    customer,
    "add",
    _("Add a customer with field=value words: name=…, email=…, phone=…, city=…, tags+=…, custom.NAME=…."),
)
@click.argument("values", nargs=-1, metavar="FIELD=VALUE...", required=True)
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def add(cli: Invocation, values: tuple[str, ...], key: str | None) -> None:
    """Add a customer and print it."""
    show_result(cli, cli.run("customer.create", pairs(values), key=key))


@command(customer, "edit", _("Change a customer with field=value words; field:=null takes a value away."))
@click.argument("customer")
@click.argument("values", nargs=-1, metavar="FIELD=VALUE...", required=True)
@option("--version", "version", type=int, metavar="N", help=_("Refuse if the customer has another version by now."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def edit(cli: Invocation, customer: str, values: tuple[str, ...], version: int | None, key: str | None) -> None:
    """Change a customer and print it."""
    from crmkit.cli.naming import customer_id

    given = pairs(values)
    target = customer_id(cli, customer)
    show_result(cli, cli.run("customer.update", given, target=target, version=version, key=key))


@command(customer, "timeline", _("Show what happened with a customer, newest first, with what plugins add."))
@click.argument("customer")
@option(
    "--kind", "kinds", multiple=True, metavar="KIND", help=_("Only entries of this kind; may be given several times.")
)
@option("--limit", type=click.IntRange(1, 500), metavar="N", default=50, help=_("At most so many (50)."))
@option("--after", metavar="CURSOR", help=_("Go on where the page before ended."))
@option("--own", is_flag=True, help=_("Without what happened with the people of an organisation."))
def timeline(cli: Invocation, customer: str, kinds: tuple[str, ...], limit: int, after: str | None, own: bool) -> None:
    """Print a page of a customer's timeline."""
    from crmkit.cli.customers import TIMELINE, timeline_rows
    from crmkit.cli.naming import find_customer
    from crmkit.core.interactions.timeline import Cursor, timeline as page_of

    before = Cursor.decode(after) if after is not None else None
    with cli.session() as session:
        found = find_customer(session, customer, deleted=True)
        page = page_of(session, found.id, limit=limit, before=before, kinds=kinds or None, roll_up=not own)
    for name, error in page.failed_plugins.items():
        cli.output.warn(
            _('The entries of "{name}" are missing: {reason}'), name=name, reason=error.render(cli.language)
        )
    cli.output.table(
        TIMELINE,
        timeline_rows(cli, page.entries),
        next=page.next.encode() if page.next is not None else None,
        more={"missing_plugins": sorted(page.failed_plugins)},
        empty=_("Nothing is known to have happened with this customer."),
    )


@command(customer, "pin", _("Decide yourself which label a customer has in a dimension; it holds at once."))
@click.argument("customer")
@click.argument("dimension")
@click.argument("label")
@option("--reason", metavar="TEXT", help=_("Why; it is sealed."))
@option("--until", metavar="DAY", help=_("The last day on which it holds; without it, until it is taken back."))
def pin(cli: Invocation, customer: str, dimension: str, label: str, reason: str | None, until: str | None) -> None:
    """Pin a label to a customer and print the pin."""
    from crmkit.cli.naming import customer_id

    expires = instant(until, cli.crm.business().zone, name="--until") if until is not None else None
    values = {"dimension": dimension, "label": label, "reason": reason, "expires_at": expires}
    show_result(cli, cli.run("customer.pin_label", values, target=customer_id(cli, customer)))


@command(customer, "unpin", _("Let a dimension be decided as for everybody again."))
@click.argument("customer")
@click.argument("dimension")
def unpin(cli: Invocation, customer: str, dimension: str) -> None:
    """Take a pin back."""
    from crmkit.cli.naming import customer_id

    cli.run("customer.unpin_label", {"dimension": dimension}, target=customer_id(cli, customer))
    show_result(cli, None)


@command(customer, "link", _("Make a link by which a customer opens a public page, without an account."))
@click.argument("customer")
@option("--page", metavar="PAGE", default="preferences", help=_("Public page that it opens (preferences)."))
@option(
    "--days", type=click.IntRange(1, 730), metavar="N", help=_("Days that it holds; else as long as its page says.")
)
@option("--ref", metavar="RECORD", help=_("Record that it is about, as resource:id."))
def link(cli: Invocation, customer: str, page: str, days: int | None, ref: str | None) -> None:
    """Make a public link and print its address, this once."""
    from crmkit.cli.naming import customer_id

    target = customer_id(cli, customer)
    made = cli.run("public_link.create", {"page": page, "customer_id": target, "days": days, "ref": ref})
    address = f"{cli.settings.public_url or ''}{made.path}"
    if cli.json:
        cli.output.document({"id": made.link_id, "link": address, "expires_at": made.expires_at})
        return
    cli.output.record([(_("Link"), address), (_("Expires at"), made.expires_at)])
    if cli.settings.public_url is None:
        cli.output.say(_("Put the address of the installation in front, or set public_url in its settings."))
