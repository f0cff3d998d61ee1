"""The plugin's settings, from the table ``[options.rentals]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import field, frozen
from crmkit import Settings


@frozen(kw_only=True)
class PluginSettings:
    """What an admin can set."""

    days: int = field(default=14, converter=int)
    """Days to look ahead where nothing else is said."""


def settings_of(settings: Settings) -> PluginSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError for what is unknown or malformed."""
    return settings.part("rentals", PluginSettings)
