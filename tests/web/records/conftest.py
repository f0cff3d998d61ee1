"""Customer bases with plugins, for pages that are made from what these declare."""

from __future__ import annotations

import pytest

from tests.web.conftest import Web
from tests.web.records.plugins import plugins_prepared, plugins_sample, plugins_web

__all__ = ["plugins_prepared", "plugins_sample", "plugins_web"]


@pytest.fixture
def sqlite_web(plugins_web: Web) -> Web:
    """What the browser of these tests opens has plugins."""
    return plugins_web
