"""The words of friction. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_experience")

PARTS = {"drop": _("They do not go on"), "effort": _("It takes them much effort"), "score": _("They are unhappy")}
"""What may be hard for customers at a step."""
