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

from crmkit.core.business.models import Business, CustomField, Option, RequiredField
from crmkit.core.business.options import merged
from crmkit.core.store.tables import Generation

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


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
    options: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    """Active values of each option list, with their titles."""
    custom_fields: Mapping[str, Mapping[str, CustomFieldInfo]] = field(factory=dict[str, Mapping[str, CustomFieldInfo]])
    """Active custom fields by resource and name."""
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
        generation = int(session.scalar(select(Generation.value).where(Generation.name == "config")) or 0)
        config = self._config
        if config is None or config.generation != generation:
            config = load_config(session, generation)
            self._config = config
        session.info["crmkit.config"] = config
        return config


def load_config(session: CrmSession, generation: int) -> Config:
    """Read the configuration from the database."""
    values: dict[str, Any] = {}
    business = session.scalar(select(Business))
    if business is not None:
        for name in ("name", "base_currency", "zone", "country", "province", "city", "fiscal_year_start", "language"):
            values[name] = getattr(business, name)
    options = merged(
        (row.list_name, row.value, row.title, row.position, row.active)
        for row in session.scalars(select(Option).order_by(Option.list_name, Option.position, Option.value))
    )
    custom: dict[str, dict[str, CustomFieldInfo]] = {}
    for item in session.scalars(
        select(CustomField).where(CustomField.active.is_(True)).order_by(CustomField.position, CustomField.name)
    ):
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
        options=options,
        custom_fields=custom,
        required={resource: frozenset(names) for resource, names in required.items()},
        **values,
    )


def bump(session: CrmSession, name: str = "config") -> None:
    """Tell every process that what it keeps in memory under a name is out of date once this transaction commits."""
    table = cast(Any, Generation).__table__
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    connection = session.connection()
    connection.execute(dialect.insert(table).values(name=name, value=0).on_conflict_do_nothing())
    connection.execute(update(table).where(table.c.name == name).values(value=table.c.value + 1))
    session.info.pop("crmkit.config", None)
