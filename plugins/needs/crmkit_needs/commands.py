"""``crmkit needs``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_needs.alike.commands import add_to as add_alike
from crmkit_needs.catalogue.commands import add_to as add_catalogue
from crmkit_needs.scoring.commands import add_to as add_scoring
from crmkit_needs.topics.commands import add_to as add_topics

_ = texts("crmkit_needs")

needs = group(help=_("What customers need, and what it is worth."), name="needs")
"""The group ``crmkit needs``."""
add_catalogue(needs)
add_scoring(needs)
add_alike(needs)
add_topics(needs)
