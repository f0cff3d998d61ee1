"""The words of surveys: states, kinds of questions and of measures. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_feedback")

SURVEY_STATES = {
    "draft": _("Draft"),
    "open": _("Open"),
    "closed": _("Closed"),
    "imported": _("Imported"),
}
"""States of a survey; ``imported`` is one whose answers came from elsewhere and that nobody can answer here."""

QUESTION_KINDS = {
    "nps": _("Would recommend (0 to 10)"),
    "csat": _("Satisfaction (1 to 5)"),
    "ces": _("Effort (1 to 7)"),
    "rating": _("Rating"),
    "single": _("One choice"),
    "multiple": _("Several choices"),
    "dropdown": _("One choice from a list"),
    "yes_no": _("Yes or no"),
    "matrix": _("Matrix"),
    "ranking": _("Ranking"),
    "maxdiff": _("Best and worst (MaxDiff)"),
    "constant_sum": _("Points to share out"),
    "number": _("Number"),
    "date": _("Date"),
    "text": _("Text"),
    "long_text": _("Long text"),
    "email": _("Email address"),
    "phone": _("Telephone number"),
    "consent": _("Consent"),
    "statement": _("Statement"),
}
"""Kinds of questions; a statement asks nothing."""

METRICS = {
    "nps": _("Net Promoter Score"),
    "csat": _("Customer satisfaction"),
    "ces": _("Customer effort"),
}
"""What a survey measures by its first question of that kind."""

PURPOSES = {
    "relational": _("Relational: how the whole is seen"),
    "transactional": _("Transactional: how one occasion was"),
    "market": _("Market research"),
}
"""What a survey is for; figures of different purposes are never put together."""
