"""A definition as a value, apart from its row: what a run pins, so that it can be told and repeated later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import asdict, field, frozen

Kind = Literal["gap", "alive", "contractual", "partial", "expression"]


@frozen(kw_only=True)
class Definition:
    """What leaving means, as `crmkit_churn.defining.models.ChurnDefinition` has it."""

    name: str = ""
    kind: Kind
    outcome: str = ""
    cancelled: str = ""
    grace_days: int = 0
    gap_percent: int = 95
    least_gap_days: int = 30
    least_alive: int = 50
    drop_percent: int = 50
    among: str = "true"
    observation_days: int = 90
    horizon_days: int = 90
    features: tuple[str, ...] = field(default=(), converter=tuple)
    delays: Mapping[str, int] = field(factory=dict[str, int])
    points: Mapping[str, int] = field(factory=dict[str, int])
    undated: bool = False
    number: int = 1

    def document(self) -> dict[str, Any]:
        """Return it as plain names and values."""
        found = asdict(self)
        return {**found, "features": list(self.features), "delays": dict(self.delays), "points": dict(self.points)}


def definition_of(document: Mapping[str, Any]) -> Definition:
    """Return the definition that was kept as a document."""
    return Definition(**document)


def definition_in(row: Any) -> Definition:
    """Return the definition that a row has."""
    names = [each.name for each in Definition.__attrs_attrs__]
    return Definition(**{name: getattr(row, name) for name in names})
