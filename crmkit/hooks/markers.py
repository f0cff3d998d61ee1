"""The two pluggy markers of the project. Must not import anything else, so that a plugin module stays cheap."""

from __future__ import annotations

import pluggy

PROJECT = "crmkit"

hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks a function of `crmkit.hooks.specs`, or of a plugin's own ``hookspecs`` module, as a specification."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin's hook module as an implementation."""
