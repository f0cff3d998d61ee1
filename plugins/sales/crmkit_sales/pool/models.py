"""The tables of the public pool: pools with their terms, which customer is in which, and what happened to it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Record, Team, User, field, kernel_key, texts
from crmkit_sales.pool.words import MOVES, STATES

_ = texts("crmkit_sales")


class Pool(Record):
    """Customers whom nobody has to keep, and on which terms a team's people may.

    ``condition`` is an expression over facts of customers: whoever it holds for is in the pool, unless an earlier one
    has them (by ``position``). All terms are numbers of customers or of days; nothing there means without limit.
    ``covers_owned`` says whether customers who have an owner are under these terms too, from the day on which the
    pool first sees them.
    """

    __tablename__ = "sales_pool"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(120), title=_("Title"), classified="public")
    condition: Mapped[str] = field(String(2000), title=_("Who is in it"), classified="internal")
    team_id: Mapped[UUID] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("For the team"), classified="internal", index=True
    )
    claims_per_day: Mapped[int | None] = field(Integer, title=_("Claims a day"), classified="internal")
    holding_cap: Mapped[int | None] = field(Integer, title=_("Most held at a time"), classified="internal")
    protection_days: Mapped[int] = field(Integer, title=_("Days of protection"), classified="internal", default=0)
    no_contact_days: Mapped[int | None] = field(
        Integer, title=_("Back after days without contact"), classified="internal"
    )
    no_deal_days: Mapped[int | None] = field(Integer, title=_("Back after days without a deal"), classified="internal")
    warn_days: Mapped[int] = field(Integer, title=_("Warned days before"), classified="internal", default=3)
    cooldown_days: Mapped[int] = field(
        Integer, title=_("Days until one may claim again"), classified="internal", default=30
    )
    covers_owned: Mapped[bool] = field(title=_("Owned customers too"), classified="internal", default=False)
    position: Mapped[int] = field(Integer, title=_("Order"), classified="internal", default=100)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Holding(Record):
    """One customer in a pool: free, held by its owner, or locked by a manager. A customer is in one pool at most.

    ``since`` is when it came into its state, ``protected_until`` until when it cannot go back by itself (instants of
    the business's clock), ``warned_for`` the day for which its holder was last warned.
    """

    __tablename__ = "sales_holding"
    __access__ = Access.owned()

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        unique=True,
        editable=False,
    )
    pool_id: Mapped[UUID] = field(
        ForeignKey(Pool.id, ondelete="CASCADE"), title=_("Pool"), classified="internal", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Held by"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True, editable=False
    )
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="free", editable=False
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)
    protected_until: Mapped[datetime | None] = field(title=_("Protected until"), classified="internal", editable=False)
    warned_for: Mapped[date | None] = field(title=_("Warned for"), classified="internal", editable=False)

    __table_args__ = (Index("ix_sales_holding_state", "pool_id", "state", "since"),)


class HoldingMove(Entry):
    """Something that happened to a customer in a pool. ``user_id`` is whoever got or lost it, ``team_id`` the pool's
    team, which sees it."""

    __tablename__ = "sales_holding_move"
    __access__ = Access.owned(owner="user_id", resource="sales.holding")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    pool_id: Mapped[UUID] = field(
        ForeignKey(Pool.id, ondelete="CASCADE"), title=_("Pool"), classified="internal", index=True
    )
    what: Mapped[str] = field(String(12), title=_("What"), classified="internal", choices=MOVES)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal"
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    reason: Mapped[str | None] = field(String, title=_("Why"), classified="text")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (
        Index("ix_sales_holding_move_customer", "customer_id", "at"),
        Index("ix_sales_holding_move_user", "user_id", "at"),
    )


MODELS = [Pool, Holding, HoldingMove]
