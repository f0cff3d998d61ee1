"""``crmkit worker``: carries out jobs until it is stopped, or those that are due with ``--once``."""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.i18n import texts

_ = texts("crmkit")


@single(
    "worker",
    _(
        "Carry out jobs until SIGTERM or Ctrl-C, which lets the job at hand end; a second one ends at once. "
        "Several workers may run on PostgreSQL."
    ),
)
@option("--once", is_flag=True, help=_("Carry out what is due and end."))
@option(
    "--threads",
    type=click.IntRange(1, 64),
    metavar="N",
    default=1,
    help=_("Jobs at a time on PostgreSQL (1); SQLite has one writer."),
)
def worker(cli: Invocation, once: bool, threads: int) -> None:
    """Run a worker in this process and say at the end how many jobs ended how."""
    from crmkit.app import CRM
    from crmkit.core.operations.worker import Worker, stopping_on_signals

    settings = cli.settings

    def opened() -> CRM:
        return CRM.open(settings)

    _log_to_standard_error(cli)
    runner = Worker(opened, threads=threads)
    if once:
        runner.run_until_idle()
    else:
        with stopping_on_signals() as stop:
            cli.output.say(_("The worker {name} waits for jobs. Ctrl-C ends it."), name=runner.name)
            sys.stdout.flush()
            runner.run(stop)
    tally = runner.tally
    counts: dict[str, Any] = {"done": tally.done, "retried": tally.retried, "dead": tally.dead, "lost": tally.lost}
    if cli.json:
        cli.output.document({"worker": runner.name, **counts})
    else:
        cli.output.say(
            _("Jobs: {done} done, {retried} to be tried again, {dead} given up, {lost} lost to other workers."),
            **counts,
        )


def _log_to_standard_error(cli: Invocation) -> None:
    logger = logging.getLogger("crmkit")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if cli.quiet else logging.INFO)
