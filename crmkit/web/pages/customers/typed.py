"""What is typed into one field and means several things."""

from __future__ import annotations

import re


def listed(value: str) -> list[str]:
    """Return the items of a list as it is typed: divided by commas, of either width."""
    return [item.strip() for item in re.split(r"[,，、;；\n]", value) if item.strip()]
