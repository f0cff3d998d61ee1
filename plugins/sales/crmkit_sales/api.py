"""What other plugins may import of sales; everything else may change at any time."""

from __future__ import annotations

from crmkit_sales.events import OpportunityCreated, OpportunityLost, OpportunityMoved, OpportunityWon
from crmkit_sales.models import Opportunity
from crmkit_sales.operations import (
    create_opportunity,
    lose_opportunity,
    move_opportunity,
    reopen_opportunity,
    update_opportunity,
    win_opportunity,
)
from crmkit_sales.stages import OPEN, STAGES

__all__ = [
    "OPEN",
    "STAGES",
    "Opportunity",
    "OpportunityCreated",
    "OpportunityLost",
    "OpportunityMoved",
    "OpportunityWon",
    "create_opportunity",
    "lose_opportunity",
    "move_opportunity",
    "reopen_opportunity",
    "update_opportunity",
    "win_opportunity",
]
