"""What matching says: the evidence for a pair of customers, the pairs that were found, and the clusters they make.

Must not know how any of it is computed.
"""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from crmkit_quality.matching.model import Model

AUTOMATIC = 0.99
"""From this probability on two customers may be taken for one without anybody looking, where nothing speaks against."""
REVIEW = 0.5
"""From this probability on a person should look."""


@frozen(kw_only=True, slots=True)
class Evidence:
    """What one comparison says about a pair: ``weight`` in bits, log2(m/u), above zero where it speaks for one person
    and below where it speaks against. ``level`` is how far the values agree, such as "exact", "close", "different"."""

    comparison: str
    level: str
    weight: float


@frozen(kw_only=True, slots=True)
class CandidatePair:
    """Two customers who may be one; ``first`` is the smaller id.

    ``weight`` is the sum of the evidence, in bits; ``probability`` (0 to 1) follows from it and from how rare
    duplicates are. With ``conflict`` something that can't differ within one customer does: then nothing may be merged
    without a person's decision, however much else agrees.
    """

    first: UUID
    second: UUID
    weight: float
    probability: float
    evidence: tuple[Evidence, ...] = ()
    conflict: bool = False

    @property
    def band(self) -> str:
        """Return "automatic", "review" or "no"."""
        if self.probability >= AUTOMATIC and not self.conflict:
            return "automatic"
        return "review" if self.probability >= REVIEW else "no"


@frozen(kw_only=True, slots=True)
class Figures:
    """What a search cost: customers read, blocks they were put into, those of them that had to be divided, pairs that
    were compared, and seconds."""

    customers: int
    blocks: int
    divided: int
    compared: int
    seconds: float


@frozen(kw_only=True, slots=True)
class Found:
    """The pairs that a search has found, the best first, with the model that they were judged by."""

    pairs: tuple[CandidatePair, ...]
    model: Model
    figures: Figures


@frozen(kw_only=True, slots=True)
class Cluster:
    """Customers who are all one, by their ids in order; ``weakest`` is the lowest probability of the pairs inside."""

    members: tuple[UUID, ...]
    pairs: tuple[CandidatePair, ...]
    weakest: float
