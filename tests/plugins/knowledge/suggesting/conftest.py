"""Knowledge beside a service desk: the fixtures of drafts serve here, too."""

from __future__ import annotations

from tests.plugins.knowledge.capturing.conftest import desk, desks

__all__ = ["desk", "desks"]
