"""``crmkit job``: what waits, runs or has failed for good."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

_ = texts("crmkit")

job = group(help=_("List, retry and discard jobs."), name="job")
"""The group ``crmkit job``."""

STATES = ("queued", "running", "done", "dead")


@command(job, "list", _("List jobs by the time at which they are due; --state dead is the dead-letter list."))
@option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@option("--name", metavar="JOB", help=_("Only those of this name."))
@option("--limit", type=click.IntRange(1, 10_000), metavar="N", default=100, help=_("At most so many (100)."))
def list_(cli: Invocation, state: str | None, name: str | None, limit: int) -> None:
    """Print jobs."""
    import attrs

    from crmkit.core.operations.jobs import list_jobs

    with cli.session() as session:
        found = list_jobs(session, state=state, name=name, limit=limit)  # type: ignore[arg-type]
    columns = (
        Column("id", _("Id")),
        Column("name", _("Job")),
        Column("state", _("State")),
        Column("run_at", _("Due")),
        Column("attempts", _("Attempts"), "right"),
        Column("error", _("Error")),
    )
    rows = [attrs.asdict(item, recurse=False) for item in found]
    cli.output.table(columns, rows, empty=_("There is no such job."))


@command(job, "retry", _("Put a job of the dead-letter list back in the queue."))
@click.argument("id")
def retry(cli: Invocation, id: str) -> None:
    """Retry a dead job."""
    cli.run("job.retry", target=id)
    _done(cli, id, _("The job {id} is in the queue again."))


@command(job, "discard", _("Remove a job that is dead or waits, so that it is never carried out."))
@click.argument("id")
def discard(cli: Invocation, id: str) -> None:
    """Discard a job."""
    cli.run("job.discard", target=id)
    _done(cli, id, _("The job {id} is discarded."))


def _done(cli: Invocation, id: str, text: str) -> None:
    if cli.json:
        cli.output.document({"id": id, "done": True})
    else:
        cli.output.say(text, id=id)
