"""What other plugins may import of lifecycle; everything else may change at any time."""

from __future__ import annotations

__all__: list[str] = []
