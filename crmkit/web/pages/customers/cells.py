"""The columns of lists of customers, and what stands in their cells: names for ids, titles for labels and options.

Must not know what a list was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.access.models import Team, User
from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.store.session import CrmSession
from crmkit.i18n import texts
from crmkit.resources import Row
from crmkit.web.pages.customers.vocabulary import Term, Vocabulary

_ = texts("crmkit")

_NAMED: Mapping[str, Any] = {
    "owner_id": User,
    "team_id": Team,
    "parent_id": Customer,
    "customer.owner": User,
    "customer.team": Team,
}
EDITABLE = frozenset(("city", "province", "job_title", "occupation", "industry", "source", "salutation", "website"))
"""The plain fields that are changed in the list itself."""
_TONES = {
    "active": "good", "high": "good", "loyal": "good", "vip": "good", "hot": "good", "new": "info",
    "silent": "warn", "dormant": "warn", "at_risk": "warn", "cold": "warn", "lost": "bad", "churned": "bad",
}  # fmt: skip


@frozen(kw_only=True)
class Column:
    """One column: a term under its name, which may have a key."""

    name: str
    term: Term

    @property
    def right(self) -> bool:
        """Say whether its values stand to the right."""
        return self.term.kind in ("integer", "decimal", "number", "money")

    @property
    def editable(self) -> bool:
        """Say whether its cells can be changed in the list."""
        return self.name in EDITABLE

    @property
    def is_label(self) -> bool:
        """Say whether its values are labels."""
        return self.name.startswith("label.") and not self.term.since

    @property
    def is_tags(self) -> bool:
        """Say whether its values are tags or interests."""
        return self.name in ("tags", "interests", "customer.tags", "customer.interests")

    def shown(self, value: Any, names: Mapping[UUID, str], currency: str | None) -> Any:
        """Return a value as people read it, but for the form that languages give it."""
        if value is None:
            return None
        if self.name in _NAMED:
            identity = value if isinstance(value, UUID) else _id(value)
            return names.get(identity, "") if identity is not None else value
        if self.term.kind == "money" and isinstance(value, int):
            return Money(value, currency) if currency else value
        if isinstance(value, Decimal):
            return Decimal(f"{value.normalize():f}")
        return dict(self.term.options).get(value, value) if isinstance(value, str) else value

    def tone(self, value: Any) -> str:
        """Return the tone of a label."""
        return _TONES.get(str(value), "") if self.is_label else ""


def tone_of(label: str) -> str:
    """Return the tone in which a label is shown."""
    return _TONES.get(label, "")


def columns_of(vocabulary: Vocabulary, names: Iterable[str]) -> list[Column]:
    """Return the columns of some names; those that there are not are left out, and the name comes first by itself."""
    found: list[Column] = []
    for name in names:
        term = vocabulary.find(name)
        if term is not None and name not in ("name", "customer.name"):
            found.append(Column(name=name, term=term))
    return found


def names_of(session: CrmSession, columns: Sequence[Column], rows: Sequence[Row]) -> dict[UUID, str]:
    """Return the names of the users, teams and organisations whose ids stand in some rows."""
    wanted: dict[Any, set[UUID]] = {}
    for column in columns:
        model = _NAMED.get(column.name)
        if model is not None:
            ids = (_id(row.values.get(column.name)) for row in rows)
            wanted.setdefault(model, set()).update(identity for identity in ids if identity is not None)
    found: dict[UUID, str] = {}
    for model, ids in wanted.items():
        if ids:
            query = select(model.id, model.name).where(model.id.in_(ids))
            found.update((identity, str(name)) for identity, name in session.execute(query))
    return found


def _id(value: Any) -> UUID | None:
    from crmkit.core.store.ids import parse_id

    if isinstance(value, UUID):
        return value
    return parse_id(value) if isinstance(value, str) else None


def money_of(session: CrmSession) -> str | None:
    """Return the currency in which facts tell of money."""
    return session.crm.config.get(session).base_currency
