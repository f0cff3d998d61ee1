"""What finding by meaning has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.semantic import keeping, models

MODELS = [models.ArticleVector]
OPERATIONS = keeping.OPERATIONS
JOBS = keeping.JOBS
