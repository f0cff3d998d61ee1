"""What rendering has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.rendering import models, pages, references

MODELS = models.MODELS
OPERATIONS = references.OPERATIONS
SUBSCRIPTIONS = references.SUBSCRIPTIONS
PAGES = pages.PAGES
