"""What other plugins may import of value; everything else may change at any time."""

from __future__ import annotations

from crmkit_value.lifetimes.errors import DoesNotFit, NoModelCounts
from crmkit_value.lifetimes.reading import Lifetime, clv_of, lifetimes_at, p_alive
from crmkit_value.lifetimes.scoring import counting as counting_model, score_now
from crmkit_value.names import NAMES

__all__ = [
    "NAMES",
    "DoesNotFit",
    "Lifetime",
    "NoModelCounts",
    "clv_of",
    "counting_model",
    "lifetimes_at",
    "p_alive",
    "score_now",
]
