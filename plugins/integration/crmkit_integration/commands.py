"""``crmkit integration``: the group of commands; each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_integration.receiving.commands import add_to as add_receiving
from crmkit_integration.syncing.commands import add_to as add_syncing
from crmkit_integration.webhooks.commands import add_to as add_webhooks

_ = texts("crmkit_integration")

integration = group(help=_("Web-hooks out and in, synchronisation."), name="integration")
"""The group ``crmkit integration``."""

add_webhooks(integration)
add_receiving(integration)
add_syncing(integration)
