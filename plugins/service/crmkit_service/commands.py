"""``crmkit service``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_service.cases.commands import add_to as add_cases
from crmkit_service.channels.commands import add_to as add_channels
from crmkit_service.intents.commands import add_to as add_intents
from crmkit_service.measures.commands import add_to as add_measures
from crmkit_service.sla.commands import add_to as add_sla

_ = texts("crmkit_service")

service = group(help=_("Cases, service levels, and what service achieves."), name="service")
"""The group ``crmkit service``."""
add_cases(service)
add_channels(service)
add_intents(service)
add_measures(service)
add_sla(service)
