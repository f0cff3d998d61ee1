"""The settings of service, from the table ``[options.service]`` of ``crmkit.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from crmkit import Settings

WEIGHTS: Mapping[str, int] = {"phone": 3, "chat": 2}


def _weights(instance: object, attribute: Attribute[Any], value: Mapping[str, int]) -> None:
    for channel, weight in value.items():
        if not isinstance(weight, int) or not 1 <= weight <= 1000:
            raise ValueError(f"{attribute.name}.{channel} is a whole number from 1 to 1000")


@frozen(kw_only=True)
class ServiceSettings:
    """What an admin can set."""

    weights: Mapping[str, int] = field(factory=lambda: dict(WEIGHTS), validator=_weights)
    """How much an open case counts towards what its agent can take, by its channel, such as ``phone = 3``; 1 for one
    that is not named."""
    team: str = ""
    """The name of the team that gets cases of which nothing else says whose they are: neither who opens them, nor their
    queue, channel or customer. "" for none: such cases are seen by those alone who see all cases."""


def settings_of(settings: Settings) -> ServiceSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("service", ServiceSettings)
