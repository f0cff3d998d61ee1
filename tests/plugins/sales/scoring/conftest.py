"""Fixtures of the tests of scoring: the house of the tests of leads."""

from __future__ import annotations

from tests.plugins.sales.leads.conftest import house, houses

__all__ = ["house", "houses"]
