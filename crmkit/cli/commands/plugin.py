"""``crmkit plugin``: what is installed, what is enabled, and every change of that.

Listing and an emergency disabling open neither the database nor a plugin. Must not decide what a change needs:
``crmkit.lifecycle`` does.
"""

from __future__ import annotations

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group
from crmkit.cli.output import Column
from crmkit.i18n import texts

_ = texts("crmkit")

plugin = group(help=_("List, enable, disable, purge, write and check plugins."), name="plugin")
"""The group ``crmkit plugin``."""


@command(
    plugin, "list", _("List the plugins that are installed, and their states. Opens neither the database nor a plugin.")
)
def list_(cli: Invocation) -> None:
    """Print the installed plugins and those that only the installation remembers."""
    from crmkit.cli.plugins import listing

    columns = (
        Column("name", _("Name")),
        Column("state", _("State")),
        Column("version", _("Version")),
        Column("title", _("Title")),
        Column("reason", _("Reason")),
    )
    cli.output.table(columns, listing(cli.home, cli.language), empty=_("No plugin is installed."))
