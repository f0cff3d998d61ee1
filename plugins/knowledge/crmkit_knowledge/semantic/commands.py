"""``crmkit knowledge embed``: what articles mean."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Invocation, command

_ = texts("crmkit_knowledge")


def add_to(above: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(above, "embed", _("Make out what published articles mean, to be found by that (crmkit[semantic])."))
    def embed_(cli: Invocation) -> None:
        """Make the vectors that are missing and print how many."""
        from crmkit_knowledge.semantic.keeping import embed

        with cli.output.progress(_("Reading articles")) as advance:
            made = embed(cli.crm, cli.actor, done=advance)
        if cli.output.json:
            cli.output.document({"made": made})
        else:
            cli.output.say(_("{made} articles were read."), made=made)
