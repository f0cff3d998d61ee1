"""``crmkit experience``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_experience.actions.commands import add_to as add_actions
from crmkit_experience.friction.commands import add_to as add_friction
from crmkit_experience.promises.commands import add_to as add_promises
from crmkit_experience.reviews.commands import add_to as add_reviews

_ = texts("crmkit_experience")

experience = group(help=_("Experience: reviews, effort, promises, friction, and what was improved."), name="experience")
"""The group ``crmkit experience``."""
add_promises(experience)
add_reviews(experience)
add_friction(experience)
add_actions(experience)
