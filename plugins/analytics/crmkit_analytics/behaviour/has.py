"""What behaviour has, for the hook module."""

from __future__ import annotations

from crmkit_analytics.behaviour import activity, dimensions, facts, gaps
from crmkit_analytics.metrics.shipped import METRICS
from crmkit_analytics.metrics.values import explained

FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
REPORTS = explained([*activity.REPORTS, *gaps.REPORTS], METRICS)
