"""The doors of a knowledge base, for tests of pages."""

from __future__ import annotations

from tests.plugins.knowledge.desk.conftest import desk

__all__ = ["desk"]
