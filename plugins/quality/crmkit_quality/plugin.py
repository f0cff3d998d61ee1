"""What quality has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_quality.cleaning import has as cleaning
from crmkit_quality.contracts import has as contracts
from crmkit_quality.duplicates import has as duplicates
from crmkit_quality.profiling import has as profiling
from crmkit_quality.rules import has as rules
from crmkit_quality.scores import has as scores
from crmkit_quality.staleness import has as staleness
from crmkit_quality.survivorship import has as survivorship

ROOMS = (duplicates, rules, staleness, scores, contracts, cleaning, profiling, survivorship)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
