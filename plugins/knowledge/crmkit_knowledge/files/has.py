"""What files have, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.files import models, operations, pages

MODELS = models.MODELS
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
