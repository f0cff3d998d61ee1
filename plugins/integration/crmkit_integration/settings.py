"""The settings of integration, from the table ``[options.integration]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import Attribute, field, frozen

from crmkit import Settings


def _from_one(instance: object, attribute: Attribute[int], value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is a number from 1 on")


@frozen(kw_only=True)
class IntegrationSettings:
    """What an admin can set."""

    deliveries_at_once: int = field(default=8, converter=int, validator=_from_one)
    """So many web-hooks at most are on their way at a time, for each worker."""
    deliveries_per_endpoint: int = field(default=4, converter=int, validator=_from_one)
    """So many of them to one endpoint."""
    keep_deliveries_days: int = field(default=30, converter=int, validator=_from_one)
    """Days for which the log of deliveries is kept, and what was delivered can be replayed."""
    disable_after_days: int = field(default=3, converter=int, validator=_from_one)
    """Days without any success after which an endpoint is switched off."""
    own_webhooks_private: bool = field(default=False)
    """Whether the web-hooks that colleagues have set up for their own notices may be in the own network."""


def settings_of(settings: Settings) -> IntegrationSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("integration", IntegrationSettings)
