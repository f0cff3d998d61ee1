"""Whom to trust: the sources and the rules as they stand, read once for many decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_quality.survivorship.models import Source, SurvivorshipRule
from crmkit_quality.survivorship.words import ENTERED, EVERY, RECORD, TRUSTED_WHEN_ENTERED, UNRATED, USUAL

_ = texts("crmkit_quality")


@frozen(kw_only=True)
class Rule:
    """A rule as it is applied: its strategy, and the order of sources that it heeds before trust."""

    strategy: str
    sources: tuple[str, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class TrustBook:
    """The sources and the rules. A value without a source was entered by a person."""

    trusts: Mapping[str, int] = field(factory=dict)
    titles: Mapping[str, str] = field(factory=dict)
    rules: Mapping[str, Rule] = field(factory=dict)

    def trust(self, source: str | None) -> int:
        """Return how far a source is trusted, from 0 to 100."""
        name = source or ENTERED
        return self.trusts.get(name, TRUSTED_WHEN_ENTERED if name == ENTERED else UNRATED)

    def title(self, source: str | None) -> str:
        """Return what people call a source."""
        name = source or ENTERED
        return self.titles.get(name) or (_("Entered here") if name == ENTERED else name)

    def rule(self, name: str) -> Rule:
        """Return the rule of a field."""
        return self.rules.get(name) or self.rules.get(EVERY) or Rule(strategy=USUAL)

    def record_rule(self) -> Rule:
        """Return the rule of which record survives."""
        return self.rules.get(RECORD) or Rule(strategy="history")

    def rank(self, source: str | None, order: Sequence[str] = ()) -> tuple[int, int]:
        """Return what orders sources, better ones higher: first those of a rule's order, then by trust."""
        name = source or ENTERED
        place = len(order) - order.index(name) if name in order else 0
        return place, self.trust(source)


def read_trust(session: CrmSession) -> TrustBook:
    """Return the sources and rules as they stand."""
    sources = list(session.scalars(select(Source)))
    rules = session.scalars(select(SurvivorshipRule))
    return TrustBook(
        trusts={one.name: one.trust for one in sources},
        titles={one.name: one.title for one in sources},
        rules={one.field: Rule(strategy=one.strategy, sources=one.sources) for one in rules},
    )
