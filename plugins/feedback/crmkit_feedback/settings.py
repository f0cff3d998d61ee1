"""The settings of feedback, from the table ``[options.feedback]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import field, frozen, validators

from crmkit import Settings


@frozen(kw_only=True)
class FeedbackSettings:
    """What an admin can set."""

    partial_days: int = field(default=7, validator=[validators.instance_of(int), validators.ge(1), validators.le(365)])
    """After how many days without another page answers that nobody finished are closed."""


def settings_of(settings: Settings) -> FeedbackSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("feedback", FeedbackSettings)
