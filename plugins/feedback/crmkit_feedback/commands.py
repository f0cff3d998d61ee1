"""``crmkit feedback``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_feedback.answering.commands import add_to as add_answering
from crmkit_feedback.asking.commands import add_to as add_asking
from crmkit_feedback.classifying.commands import add_to as add_classifying
from crmkit_feedback.coding.commands import add_to as add_coding
from crmkit_feedback.improving.commands import add_to as add_improving
from crmkit_feedback.items.commands import add_to as add_items
from crmkit_feedback.measuring.commands import add_to as add_measuring
from crmkit_feedback.surveys.commands import add_to as add_surveys

_ = texts("crmkit_feedback")

feedback = group(help=_("Surveys, feedback and how satisfied customers are."), name="feedback")
"""The group ``crmkit feedback``."""
add_answering(feedback)
add_asking(feedback)
add_classifying(feedback)
add_coding(feedback)
add_improving(feedback)
add_items(feedback)
add_measuring(feedback)
add_surveys(feedback)
