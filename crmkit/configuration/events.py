"""What happens to the settings of the business."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit.core.operations.events import Internal, event


@event("business.configured")
class BusinessConfigured:
    """The settings of the business were made or changed; ``fields`` names which."""

    fields: tuple[Internal, ...]


@event("currency_rate.set")
class CurrencyRatesSet:
    """Exchange rates were set, of currencies in others."""

    rates: tuple[Internal, ...]
    """Pairs with their day, as ``USD/CNY 2026-03-31``."""


@event("option.changed")
class OptionChanged:
    """An option list was changed: a value added, retitled or retired, or the list closed or opened."""

    list_name: Internal
    value: Internal | None = None


@event("custom_field.changed")
class CustomFieldChanged:
    """A custom field was added, changed or retired."""

    field_id: UUID
    resource: Internal
    name: Internal


@event("required_field.changed")
class RequiredFieldChanged:
    """A field became required, or no longer is."""

    resource: Internal
    name: Internal
    required: bool


EVENTS: list[type[Any]] = [
    BusinessConfigured,
    CurrencyRatesSet,
    OptionChanged,
    CustomFieldChanged,
    RequiredFieldChanged,
]
