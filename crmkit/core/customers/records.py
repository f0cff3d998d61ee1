"""The base of plugins' records about a customer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, declared_attr, relationship

from crmkit.core.access.models import Team, User
from crmkit.core.customers.models import Customer
from crmkit.core.store.model import Access, Record, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class CustomerRecord(Record):
    """A record about one customer, with an owner and a team: what most plugins' models are.

    It goes when the customer goes, whether the plugin is loaded or not. Who may see it: whose scope its owner and team
    are in, if they may see the customer too or own the record.
    """

    __access__: ClassVar[Access | None] = Access.owned(via="customer_id")

    @declared_attr
    def customer_id(cls) -> Mapped[UUID]:
        """Return the column that names the customer."""
        return field(
            kernel_key(Customer.id, ondelete="CASCADE"),
            title=_("Customer"),
            classified="internal",
            index=True,
            nullable=False,
            sort_order=-80,
        )

    @declared_attr
    def owner_id(cls) -> Mapped[UUID | None]:
        """Return the column that names the owner."""
        return field(
            kernel_key(User.id, ondelete="SET NULL"),
            title=_("Owner"),
            classified="internal",
            index=True,
            nullable=True,
            sort_order=-79,
        )

    @declared_attr
    def team_id(cls) -> Mapped[UUID | None]:
        """Return the column that names the team."""
        return field(
            kernel_key(Team.id, ondelete="SET NULL"),
            title=_("Team"),
            classified="internal",
            index=True,
            nullable=True,
            sort_order=-78,
        )

    @declared_attr
    def customer(cls) -> Mapped[Customer]:
        """Return the relationship to the customer; one way, as the kernel knows no plugin."""
        this: Any = cls
        return relationship(Customer, foreign_keys=[this.customer_id])
