"""What quality has, for the kernel's hooks."""

from __future__ import annotations
