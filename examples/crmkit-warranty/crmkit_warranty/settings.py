"""The plugin's settings, from the table ``[options.warranty]`` of ``crmkit.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen
from attrs.converters import optional
from crmkit import Settings


@frozen(kw_only=True)
class WarrantySettings:
    """What an admin can set. Folders are absolute paths; None switches off what needs them."""

    months: int = field(default=24, converter=int)
    """Months that a warranty lasts where nothing else is said."""
    claims: int = field(default=3, converter=int)
    """Settled claims after which a warranty is closed."""
    products: Mapping[str, int] = field(factory=dict)
    """SKUs that get a warranty when they are bought, with its months."""
    cards: Path | None = field(default=None, converter=optional(Path))
    """Folder to which warranty cards are written."""
    scans: Path | None = field(default=None, converter=optional(Path))
    """Folder with scanned cards, in it one folder for each customer id."""
    files: Path | None = field(default=None, converter=optional(Path))
    """Folder that keeps the attachments of the whole CRM."""
    keys: Path | None = field(default=None, converter=optional(Path))
    """Folder that keeps the root keys of the whole CRM."""
    spool: Path | None = field(default=None, converter=optional(Path))
    """Folder to which the jobs of the whole CRM are handed over."""


def settings_of(settings: Settings) -> WarrantySettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("warranty", WarrantySettings)
