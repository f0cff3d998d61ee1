"""The settings of journey, from the table ``[options.journey]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import field, frozen, validators

from crmkit import Settings


def _whole(default: int, least: int, most: int) -> int:
    return field(default=default, validator=[validators.instance_of(int), validators.ge(least), validators.le(most)])


@frozen(kw_only=True)
class JourneySettings:
    """What an admin can set."""

    entry_hours: int = _whole(48, 1, 8760)
    """An interaction that happened longer ago lets nobody into a flow: what is taken over from long ago is no news."""
    steps_at_once: int = _whole(200, 1, 2000)
    """So many passages go on in one transaction."""


def settings_of(settings: Settings) -> JourneySettings:
    """Return the settings of journey among those of a CRM. Raises ConfigurationError."""
    return settings.part("journey", JourneySettings)
