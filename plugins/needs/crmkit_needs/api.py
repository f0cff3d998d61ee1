"""What other plugins may import of needs; everything else may change at any time.

What a need is supported by is its `Evidence`: it is written by the operations ``needs.evidence.add`` and
``needs.evidence.from_record``, and the events say what became of a need. A `Formula` with its `Factor` values is what
the hook ``needs_scores`` returns.
"""

from __future__ import annotations

from crmkit_needs.board.operations import NewsTold
from crmkit_needs.catalogue.events import (
    EvidenceAdded,
    NeedAssigned,
    NeedChanged,
    NeedDelivered,
    NeedMerged,
    NeedMoved,
    NeedOpened,
    NeedUnmerged,
)
from crmkit_needs.catalogue.models import Evidence, Need, ProductArea
from crmkit_needs.scoring.formulas import Factor, Formula
from crmkit_needs.topics.events import TopicBecameNeed, TopicsMined

__all__ = [
    "Evidence",
    "EvidenceAdded",
    "Factor",
    "Formula",
    "Need",
    "NeedAssigned",
    "NeedChanged",
    "NeedDelivered",
    "NeedMerged",
    "NeedMoved",
    "NeedOpened",
    "NeedUnmerged",
    "NewsTold",
    "ProductArea",
    "TopicBecameNeed",
    "TopicsMined",
]
