"""The field classes, by which everything is stored, masked and shown. Must not import anything."""

from __future__ import annotations

from typing import Literal

FieldClass = Literal["public", "internal", "personal", "text", "sensitive", "secret"]
