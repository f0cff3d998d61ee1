"""``crmkit feedback coding``: drawing feedback to be coded, and how far two people agree."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group as make_group

_ = texts("crmkit_feedback")


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""
    coding = make_group(help=_("Coding by two people: draw feedback, and see how far they agree."), name="coding")
    group.add_command(coding)

    @command(coding, "draw", _("Draw feedback at random that two people are to code."))
    @click.option("--number", type=click.IntRange(1, 500), default=50, help=_("How many."))
    @click.option("--seed", type=int, default=0, help=_("The same seed draws the same."))
    def draw(cli: Invocation, number: int, seed: int) -> None:
        """Draw feedback, and print how much it was."""
        done = cli.crm.run(cli.actor, "feedback.coding.draw", {"number": number, "seed": seed})
        cli.output.record([(_("Drawn"), done.number)], json={"drawn": done.number})

    @command(coding, "agreement", _("Print how far two people agree beyond chance, by theme."))
    def agreement(cli: Invocation) -> None:
        """Print Cohen's kappa of each theme and of all."""
        from crmkit_feedback.coding.reading import agreement_of
        from crmkit_feedback.coding.reports import rows_of

        with cli.session() as session:
            found = agreement_of(session)
            rows = [] if found is None else rows_of(found)
        columns = (
            Column("theme", _("Theme")),
            Column("both", _("Both"), align="right"),
            Column("neither", _("Neither"), align="right"),
            Column("kappa", _("Cohen's kappa"), align="right"),
            Column("low", _("From"), align="right"),
            Column("high", _("To"), align="right"),
        )
        said = {} if found is None else {"first": found.first, "second": found.second, "texts": found.count}
        cli.output.table(
            columns, rows, empty=_("No two people have coded the same feedback yet."), more={"coded": said}
        )
