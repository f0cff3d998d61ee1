"""``crmkit quality contracts`` and ``crmkit quality release``."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_quality")


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(group, "contracts", _("List the contracts with sources, and whether they are kept."))
    def contracts(cli: Invocation) -> None:
        """Print the contracts by their sources."""
        from sqlalchemy import select

        from crmkit_quality.contracts.models import ContractBreach, SourceContract

        with cli.session() as session:
            found = session.scalars(select(SourceContract).order_by(SourceContract.source)).all()
            breaches = session.scalars(select(ContractBreach).where(ContractBreach.state == "open")).all()
            rows = [
                {
                    "id": each.id,
                    "source": each.source,
                    "resource": each.resource,
                    "state": each.state,
                    "fed_at": each.fed_at,
                    "fed_rows": each.fed_rows,
                    "breaches": [one.kind for one in breaches if one.contract_id == each.id],
                }
                for each in found
            ]
        columns = (
            Column("source", _("Source")),
            Column("resource", _("What it sends")),
            Column("state", _("State")),
            Column("fed_at", _("Last taken in")),
            Column("fed_rows", _("Rows taken in"), "right"),
            Column("breaches", _("Open breaches")),
        )
        cli.output.table(columns, rows, empty=_("There is no contract with any source."))

    @command(group, "release", _("Take a source in again that was stopped."))
    @click.argument("source")
    @option("--resolution", default="", metavar="TEXT", help=_("What was done."))
    def release(cli: Invocation, source: str, resolution: str) -> None:
        """Release a source."""
        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_quality.contracts.models import SourceContract

        with cli.session() as session:
            identity = session.scalar(select(SourceContract.id).where(SourceContract.source == source))
        if identity is None:
            raise NotFound(_('There is no contract with "{source}".'), source=source)
        cli.run("quality.contract.release", {"resolution": resolution}, target=identity)
        cli.output.say(_('"{source}" is taken in again.'), source=source)
