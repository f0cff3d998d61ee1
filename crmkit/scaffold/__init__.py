"""Writes a new plugin: what ``crmkit plugin new`` renders.

Must not know the command line. Jinja2 and Babel are imported when something is rendered.
"""

from __future__ import annotations

from crmkit.scaffold.parts import DEFAULT, PARTS, completed
from crmkit.scaffold.rendering import render

__all__ = ["DEFAULT", "PARTS", "completed", "render"]
