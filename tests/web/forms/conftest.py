"""Customer bases with plugins, for forms and pages that are made from what these declare."""

from __future__ import annotations

from tests.web.records.plugins import plugins_prepared, plugins_sample, plugins_web

__all__ = ["plugins_prepared", "plugins_sample", "plugins_web"]
