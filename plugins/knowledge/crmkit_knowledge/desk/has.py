"""What the desk has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.desk import confirming, editing, models, pages

MODELS = models.MODELS
OPERATIONS = [*editing.OPERATIONS, *confirming.OPERATIONS]
PAGES = pages.PAGES
