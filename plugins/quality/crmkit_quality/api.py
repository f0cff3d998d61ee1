"""What other plugins may import of quality; everything else may change at any time."""

from __future__ import annotations

from crmkit_quality.survivorship.enriching import Enriched, FieldOutcome, enrich_customer
from crmkit_quality.survivorship.lineage import FieldLineage, FormerValue, lineage, lineages
from crmkit_quality.survivorship.merging import merge_by_rules
from crmkit_quality.survivorship.proposing import Proposal, ProposedField, propose

__all__ = [
    "Enriched",
    "FieldLineage",
    "FieldOutcome",
    "FormerValue",
    "Proposal",
    "ProposedField",
    "enrich_customer",
    "lineage",
    "lineages",
    "merge_by_rules",
    "propose",
]
