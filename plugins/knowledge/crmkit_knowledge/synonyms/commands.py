"""``crmkit knowledge synonyms``: words that say the same."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group

_ = texts("crmkit_knowledge")


def add_to(above: click.Group) -> None:
    """Add the commands to those of knowledge."""
    synonyms = group(help=_("Words that say the same: whoever searches for one finds the others."), name="synonyms")
    above.add_command(synonyms)

    @command(synonyms, "list", _("List the words that say the same."))
    def list_(cli: Invocation) -> None:
        """Print the groups."""
        from sqlalchemy import select

        from crmkit_knowledge.synonyms.lines import text_of
        from crmkit_knowledge.synonyms.models import SynonymGroup

        with cli.crm.session(cli.actor) as session:
            groups = session.scalars(select(SynonymGroup).order_by(SynonymGroup.id))
            rows = [{"id": str(each.id), "line": text_of(each.terms, each.of)} for each in groups]
        cli.output.table((Column("id", "id"), Column("line", _("Terms"))), rows, empty=_("There are no synonyms yet."))

    @command(synonyms, "add", _('Add a line such as "refund, money back" or "2fa => two-factor authentication".'))
    @click.argument("line")
    def add(cli: Invocation, line: str) -> None:
        """Add a group and print its id."""
        made = cli.crm.run(cli.actor, "knowledge.synonym.add", {"line": line})
        cli.output.record([("id", made.id)], json={"id": str(made.id)})

    @command(synonyms, "remove", _("Remove a group by its id."))
    @click.argument("group_id", metavar="ID")
    def remove(cli: Invocation, group_id: str) -> None:
        """Remove a group."""
        cli.crm.run(cli.actor, "knowledge.synonym.remove", target=group_id)
        if not cli.json:
            cli.output.say(_("Removed."))

    @command(synonyms, "import", _("Add the lines of a file, all of them or none; remarks begin with #."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def import_(cli: Invocation, file: Path) -> None:
        """Add groups and print how many."""
        from crmkit_knowledge.articles.errors import problem

        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise problem("file", _("This is not UTF-8.")) from error
        made = cli.crm.run(cli.actor, "knowledge.synonym.import", {"text": text})
        if cli.json:
            cli.output.document({"added": made.added, "known": made.known})
        else:
            cli.output.say(_("{added} were added, {known} were there."), added=made.added, known=made.known)
