"""``crmkit journey``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_journey.attribution.commands import add_to as add_attribution
from crmkit_journey.discovery.commands import add_to as add_discovery
from crmkit_journey.maps.commands import add_to as add_maps
from crmkit_journey.passages.commands import add_to as add_passages
from crmkit_journey.simulating.commands import add_to as add_simulating

_ = texts("crmkit_journey")

journey = group(help=_("Journeys: maps, flows, passages, what customers do, and what led to it."), name="journey")
"""The group ``crmkit journey``."""
add_passages(journey)
add_discovery(journey)
add_attribution(journey)
add_maps(journey)
add_simulating(journey)
