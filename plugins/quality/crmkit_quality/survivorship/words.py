"""The words of survivorship: the strategies, with what people call them. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from crmkit import texts

_ = texts("crmkit_quality")

EVERY = "*"
"""The rule of the fields that have none of their own."""
RECORD = "record"
"""The rule of which record survives."""
ENTERED = "entered"
"""The source of what people enter themselves."""
UNRATED = 50
"""Trust in a source that nobody has rated."""
TRUSTED_WHEN_ENTERED = 70
"""Trust in what people enter themselves, as long as nobody has rated it."""

FIELD_STRATEGIES: Mapping[str, str] = {
    "trusted_source": _("From the most trusted source"),
    "most_recent": _("The most recent one"),
    "most_complete": _("From the more complete record"),
    "longest": _("The longest one"),
    "survivor": _("From the surviving record"),
    "manual": _("A person decides"),
}
"""By which rule a field's value is chosen."""
RECORD_STRATEGIES: Mapping[str, str] = {
    "history": _("The one with more history"),
    "oldest": _("The older one"),
    "most_complete": _("From the more complete record"),
    "trusted_source": _("From the most trusted source"),
}
"""By which rule one of two records survives."""
STRATEGIES: Mapping[str, str] = {**FIELD_STRATEGIES, **RECORD_STRATEGIES}
USUAL = "survivor"
"""The rule of fields where none was made."""


@frozen(kw_only=True)
class Because:
    """A reason in words: a text to be translated, and what fills its fields."""

    text: str
    values: Mapping[str, object] = field(factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)
