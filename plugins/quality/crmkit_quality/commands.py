"""``crmkit quality``: the commands of all rooms, each from its own module."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_quality.cleaning.commands import add_to as add_cleaning
from crmkit_quality.contracts.commands import add_to as add_contracts
from crmkit_quality.duplicates.commands import add_to as add_duplicates
from crmkit_quality.profiling.commands import add_to as add_profiling
from crmkit_quality.scores.commands import add_to as add_scores

_ = texts("crmkit_quality")

quality = group(help=_("Look after the quality of the data."), name="quality")
"""The group ``crmkit quality``."""

for add in (
    add_duplicates,
    add_scores,
    add_profiling,
    add_cleaning,
    add_contracts,
):
    add(quality)
