"""``crmkit integration sync``: add, list, plan, run, reconcile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_integration")


def add_to(parent: click.Group) -> None:
    """Add the commands of this room to a group."""
    sync = group(help=_("Customers that are kept in step with another system."), name="sync")
    parent.add_command(sync)
    _add_plans(sync)
    _add_runs(sync)
    _add_conflicts(sync)


def _add_plans(sync: click.Group) -> None:
    @command(sync, "list", _("List the synchronisations."))
    def listing(cli: Invocation) -> None:
        """Print the synchronisations by their names."""
        from sqlalchemy import select

        from crmkit_integration.syncing.models import SyncPlan

        names = ("id", "name", "connector", "url", "direction", "active", "run_at")
        with cli.session() as session:
            found = session.scalars(select(SyncPlan).order_by(SyncPlan.name))
            rows = [{name: getattr(each, name) for name in names} for each in found]
        columns = (
            Column("name", _("Name")),
            Column("connector", _("Other system")),
            Column("url", _("Address")),
            Column("direction", _("Direction")),
            Column("active", _("Active")),
            Column("run_at", _("Last run")),
        )
        cli.output.table(columns, rows, empty=_("Nothing is synchronised."))

    @command(sync, "add", _("Keep customers in step with another system."))
    @click.argument("name")
    @click.argument("url")
    @option("--field", "fields", multiple=True, required=True, metavar="FIELD=OWNER", help=_("ours, theirs or newest."))
    @option("--token-file", type=click.File("r"), required=True, metavar="FILE", help=_("Where the token stands."))
    @option("--connector", default="crmkit", show_default=True, metavar="NAME", help=_("The kind of system."))
    @option("--as-user", "login", required=True, metavar="LOGIN", help=_("Acts as this user here."))
    @option("--policy", default="newest", show_default=True, metavar="POLICY", help=_("newest, ours, theirs or ask."))
    @option("--direction", default="both", show_default=True, metavar="WAY", help=_("both, in or out."))
    @option("--match-by", default="", metavar="FIELD", help=_("emails or phones: the same customer when equal."))
    @option("--every", type=int, default=0, help=_("Minutes between two runs; 0 for never by itself."))
    @option("--private", is_flag=True, help=_("It is in our own network."))
    def add(
        cli: Invocation,
        name: str,
        url: str,
        fields: tuple[str, ...],
        token_file: Any,
        connector: str,
        login: str,
        policy: str,
        direction: str,
        match_by: str,
        every: int,
        private: bool,
    ) -> None:
        """Add a synchronisation; nothing is done before it is run."""
        from sqlalchemy import select

        from crmkit import NotFound, User

        with cli.session() as session:
            user = session.scalar(select(User.id).where(User.login == login))
        if user is None:
            raise NotFound(_('There is no user "{login}".'), login=login)
        made = cli.run(
            "integration.sync.create",
            {
                "name": name,
                "url": url,
                "token": token_file.read().strip(),
                "fields": {name: owner for name, _equals, owner in (each.partition("=") for each in fields)},
                "connector": connector,
                "runs_as_id": user,
                "policy": policy,
                "direction": direction,
                "match_by": match_by,
                "every": every,
                "private": private,
            },
        )
        if cli.json:
            cli.output.document({"id": made.id})
        else:
            cli.output.say(_("Look at what it would do: crmkit integration sync plan {name}"), name=name)


def _add_runs(sync: click.Group) -> None:
    @command(sync, "plan", _("Show what a run would do, without doing it."))
    @click.argument("name")
    @option("--everything", is_flag=True, help=_("Look at everything, not only at what was changed."))
    def plan(cli: Invocation, name: str, everything: bool) -> None:
        """Print each change that a run would make, with the value before and after."""
        from crmkit_integration.syncing.reconciling import plan_run

        identity = _id(cli, name)
        _may_run(cli, identity)
        rows = [
            {
                "act": each.act,
                "customer_id": each.customer_id,
                "external_id": each.external_id,
                "field": each.field,
                "before": each.before,
                "after": each.after,
            }
            for each in plan_run(cli.crm, identity, everything=everything)
        ]
        columns = (
            Column("act", _("What")),
            Column("customer_id", _("Customer")),
            Column("external_id", _("Record over there")),
            Column("field", _("Field")),
            Column("before", _("Before")),
            Column("after", _("After")),
        )
        cli.output.table(columns, rows, empty=_("There is nothing to do."))

    @command(sync, "run", _("Synchronise now."))
    @click.argument("name")
    @option("--everything", is_flag=True, help=_("Look at everything, not only at what was changed."))
    def run(cli: Invocation, name: str, everything: bool) -> None:
        """Run a synchronisation and print what was done."""
        from crmkit_integration.syncing.running import run as run_now

        identity = _id(cli, name)
        _may_run(cli, identity)
        _report(cli, run_now(cli.crm, identity, everything=everything))

    @command(sync, "reconcile", _("Compare both sides whole, and name each difference."))
    @click.argument("name")
    def compare(cli: Invocation, name: str) -> None:
        """Print counts, check sums and differences."""
        from crmkit_integration.syncing.reconciling import reconcile

        identity = _id(cli, name)
        _may_run(cli, identity)
        _report(cli, reconcile(cli.crm, identity))


def _add_conflicts(sync: click.Group) -> None:
    @command(sync, "conflicts", _("List what was changed on both sides and waits for somebody."))
    def conflicts(cli: Invocation) -> None:
        """Print open conflicts, the oldest first."""
        from sqlalchemy import select

        from crmkit_integration.syncing.models import SyncConflict

        names = ("id", "customer_id", "field_name", "ours", "theirs", "found_at")
        query = select(SyncConflict).where(SyncConflict.state == "open").order_by(SyncConflict.found_at)
        with cli.session() as session:
            rows = [{name: getattr(each, name) for name in names} for each in session.scalars(query)]
        columns = (
            Column("id", _("Id")),
            Column("customer_id", _("Customer")),
            Column("field_name", _("Field")),
            Column("ours", _("Ours")),
            Column("theirs", _("Theirs")),
        )
        cli.output.table(columns, rows, empty=_("There is none."))

    @command(sync, "resolve", _("Say whose value holds in a conflict."))
    @click.argument("identity", metavar="ID")
    @click.argument("choice", type=click.Choice(["ours", "theirs"]))
    def resolve(cli: Invocation, identity: str, choice: str) -> None:
        """Settle a conflict; the next run writes it."""
        cli.run("integration.conflict.resolve", {"choice": choice}, target=identity)
        cli.output.say(_("The next run writes it."))


def _may_run(cli: Invocation, identity: UUID) -> None:
    """Raise Refused for who may not run synchronisations: what a run does is done in another's name."""
    from crmkit import Refused

    with cli.session() as session:
        if session.guarding.rights.scope("integration.sync", "run") == "none":
            raise Refused(_("You may not run synchronisations."))


def _id(cli: Invocation, name: str) -> UUID:
    from sqlalchemy import select

    from crmkit import NotFound
    from crmkit_integration.syncing.models import SyncPlan

    with cli.session() as session:
        found = session.scalar(select(SyncPlan.id).where(SyncPlan.name == name))
    if found is None:
        raise NotFound(_('There is no synchronisation "{name}".'), name=name)
    return found


def _report(cli: Invocation, run_id: UUID) -> None:
    from crmkit_integration.syncing.models import SyncRun

    with cli.session() as session:
        run = session.get_one(SyncRun, run_id)
        said: dict[str, Any] = {
            "id": run.id,
            "kind": run.kind,
            "state": run.state,
            "began_at": run.began_at,
            "ended_at": run.ended_at,
            "counts": run.counts,
        }
        if run.kind == "reconcile":
            said |= {"checksums": run.checksums, "differences": run.differences}
    cli.output.document(said)
