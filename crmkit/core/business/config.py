"""What an admin has configured, kept in memory for as long as it is right: business settings, options, custom and
required fields.

Every change bumps a counter in the database, which a session reads once; so several processes never disagree for longer
than a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.business.models import Business, CurrencyRate, CustomField, Option, RequiredField
from crmkit.core.business.options import merged
from crmkit.core.store.guard import region
from crmkit.core.store.tables import Generation

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


_BUSINESS = (
    "name",
    "base_currency",
    "zone",
    "country",
    "province",
    "city",
    "fiscal_year_start",
    "language",
    "accent",
    "logo",
)
PLAIN_CLASSES = frozenset(("public", "internal", "personal"))
"""The classes of custom fields whose values are kept in plain; all others are sealed."""


@frozen(kw_only=True)
class CustomFieldInfo:
    """A custom field as the rest of crmkit sees it."""

    resource: str
    name: str
    title: str
    type: str
    options: tuple[str, ...] = ()
    field_class: str = "sensitive"
    required: bool = False


@frozen(kw_only=True)
class Config:
    """What an admin has configured. ``base_currency`` is None until the business was set up."""

    generation: int
    name: str = ""
    base_currency: str | None = None
    zone: str = "UTC"
    country: str | None = None
    province: str | None = None
    city: str | None = None
    fiscal_year_start: int = 1
    language: str = "en"
    accent: str | None = None
    logo: str | None = None
    has_rates: bool = False
    """Whether any exchange rate was ever set."""
    options: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    """Active values of each option list, with their titles."""
    custom_fields: Mapping[str, Mapping[str, CustomFieldInfo]] = field(factory=dict[str, Mapping[str, CustomFieldInfo]])
    """Active custom fields by resource and name."""
    custom_classes: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    """The field class of each custom field, retired ones included, by resource and name."""
    required: Mapping[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])
    """Fields that are required beyond those that always are, by resource."""


class ConfigCache:
    """Holds the configuration of one CRM."""

    def __init__(self) -> None:
        self._config: Config | None = None

    def get(self, session: CrmSession) -> Config:
        """Return the configuration as it is in the session's transaction."""
        known = session.info.get("crmkit.config")
        if known is not None:
            return cast(Config, known)
        generation = session.gate.generation(session, "config")
        config = self._config
        if config is None or config.generation != generation:
            # Whoever asks: what is kept is for all, and a visitor would find none of it.
            with region(session, "what the business has configured"):
                config = load_config(session, generation)
            if not was_bumped(session, "config"):
                self._config = config
        session.info["crmkit.config"] = config
        return config


def load_config(session: CrmSession, generation: int) -> Config:
    """Read the configuration from the database."""
    values: dict[str, Any] = {}
    business = session.scalar(select(Business))
    if business is not None:
        for name in _BUSINESS:
            values[name] = getattr(business, name)
    options = merged(
        (row.list_name, row.value, row.title, row.position, row.active)
        for row in session.scalars(select(Option).order_by(Option.list_name, Option.position, Option.value))
    )
    custom: dict[str, dict[str, CustomFieldInfo]] = {}
    classes: dict[str, dict[str, str]] = {}
    for item in session.scalars(select(CustomField).order_by(CustomField.position, CustomField.name)):
        classes.setdefault(item.resource, {})[item.name] = item.field_class
        if not item.active:
            continue
        custom.setdefault(item.resource, {})[item.name] = CustomFieldInfo(
            resource=item.resource,
            name=item.name,
            title=item.title,
            type=item.type,
            options=tuple(item.options),
            field_class=item.field_class,
            required=item.required,
        )
    required: dict[str, set[str]] = {}
    for rule in session.scalars(select(RequiredField)):
        required.setdefault(rule.resource, set()).add(rule.name)
    return Config(
        generation=generation,
        has_rates=session.scalar(select(CurrencyRate.id).limit(1)) is not None,
        options=options,
        custom_fields=custom,
        custom_classes=classes,
        required={resource: frozenset(names) for resource, names in required.items()},
        **values,
    )


def bump(session: CrmSession, name: str = "config") -> None:
    """Tell every process that what it keeps in memory under a name is out of date once this transaction commits."""
    table = cast(Any, Generation).__table__
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    connection = session.connection()
    with region(connection, "telling every process"):
        connection.execute(dialect.insert(table).values(name=name, value=0).on_conflict_do_nothing())
        connection.execute(update(table).where(table.c.name == name).values(value=table.c.value + 1))
    session.info.pop("crmkit.config", None)
    session.info.pop("crmkit.generations", None)
    session.info.setdefault("crmkit.bumped", set()).add(name)


def was_bumped(session: CrmSession, name: str) -> bool:
    """Say whether the session's own transaction has bumped a counter: what it reads may yet be undone, and must not be
    kept for others."""
    return name in session.info.get("crmkit.bumped", ())
