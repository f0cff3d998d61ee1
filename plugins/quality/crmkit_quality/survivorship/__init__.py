"""Survivorship: which value a customer has where records or systems differ, and where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit_quality.survivorship.lineage import FieldLineage as FieldLineage, lineage as lineage
    from crmkit_quality.survivorship.proposing import (
        Proposal as Proposal,
        ProposedField as ProposedField,
        propose as propose,
    )

__all__ = ["FieldLineage", "Proposal", "ProposedField", "lineage", "lineages", "propose"]

_FROM = {
    "FieldLineage": "lineage",
    "lineage": "lineage",
    "lineages": "lineage",
    "Proposal": "proposing",
    "ProposedField": "proposing",
    "propose": "proposing",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _FROM:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
