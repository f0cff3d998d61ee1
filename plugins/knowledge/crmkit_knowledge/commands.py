"""``crmkit knowledge``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_knowledge.asked.commands import add_to as add_asked
from crmkit_knowledge.exchange.commands import add_to as add_exchange
from crmkit_knowledge.gaps.commands import add_to as add_gaps
from crmkit_knowledge.importing.commands import add_to as add_importing
from crmkit_knowledge.insights.commands import add_to as add_insights
from crmkit_knowledge.patterns.commands import add_to as add_patterns
from crmkit_knowledge.relevance.commands import add_to as add_relevance
from crmkit_knowledge.rendering.commands import add_to as add_rendering
from crmkit_knowledge.semantic.commands import add_to as add_semantic
from crmkit_knowledge.synonyms.commands import add_to as add_synonyms

_ = texts("crmkit_knowledge")

knowledge = group(help=_("Articles: taking them over, finding them, and how well they are found."), name="knowledge")
"""The group ``crmkit knowledge``."""
add_importing(knowledge)
add_relevance(knowledge)
add_insights(knowledge)
add_patterns(knowledge)
add_asked(knowledge)
add_rendering(knowledge)
add_exchange(knowledge)
add_gaps(knowledge)
add_synonyms(knowledge)
add_semantic(knowledge)
