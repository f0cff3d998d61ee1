"""``crmkit demo``: a working customer base in the current folder, or the one that is named."""

from __future__ import annotations

import pkgutil

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.i18n import texts

_ = texts("crmkit")

DEMONSTRATION = "crmkit.demo:run"


@single(
    "demo",
    _("Make a customer base with real purchases under invented names, take a short tour of it, and serve its pages."),
)
@option("--no-serve", is_flag=True, help=_("End after the tour."))
def demo(cli: Invocation, no_serve: bool) -> None:
    """Run the demonstration."""
    # Named, not imported: the demonstration is built on the command line, as a plugin's command is.
    pkgutil.resolve_name(DEMONSTRATION)(cli, serve=not no_serve)
