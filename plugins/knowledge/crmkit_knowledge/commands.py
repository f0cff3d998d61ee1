"""``crmkit knowledge``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_knowledge.importing.commands import add_to as add_importing
from crmkit_knowledge.relevance.commands import add_to as add_relevance

_ = texts("crmkit_knowledge")

knowledge = group(help=_("Articles: taking them over, finding them, and how well they are found."), name="knowledge")
"""The group ``crmkit knowledge``."""
add_importing(knowledge)
add_relevance(knowledge)
