"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit_needs.alike import models, operations, pages

MODELS = models.MODELS
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
