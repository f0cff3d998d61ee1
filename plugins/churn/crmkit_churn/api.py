"""What other plugins may import of churn; everything else may change at any time."""

from __future__ import annotations

from crmkit_churn.defining.models import ChurnDefinition
from crmkit_churn.defining.operations import usual_definition
from crmkit_churn.retention.effects import Effect, Savings, Tried, effect
from crmkit_churn.retention.models import Playbook, Treatment
from crmkit_churn.retention.reading import effect_of
from crmkit_churn.scoring.events import CustomerLeft, CustomerReturned, DriftFound
from crmkit_churn.scoring.explaining import Told, latest_of, told
from crmkit_churn.scoring.models import Departure
from crmkit_churn.scoring.running import look, score_all
from crmkit_churn.watching.events import WarningOpened, WarningSettled

__all__ = [
    "ChurnDefinition",
    "CustomerLeft",
    "CustomerReturned",
    "Departure",
    "DriftFound",
    "Effect",
    "Playbook",
    "Savings",
    "Told",
    "Treatment",
    "Tried",
    "WarningOpened",
    "WarningSettled",
    "effect",
    "effect_of",
    "latest_of",
    "look",
    "score_all",
    "told",
    "usual_definition",
]
