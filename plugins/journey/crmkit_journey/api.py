"""What other plugins may import of journey; everything else may change at any time."""

from __future__ import annotations

from crmkit_journey.flows.models import Flow
from crmkit_journey.measuring.staying import Stay, node_titles, stays
from crmkit_journey.passages.models import Passage

__all__ = ["Flow", "Passage", "Stay", "node_titles", "stays"]
