"""The table of points that came from files: each row of a file once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import CustomerRecord, field, texts
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")


class Grant(CustomerRecord):
    """That points came from a row of a file. ``external_source`` and ``external_id`` say which row of which system:
    under them points come once. ``good_through`` is the last day on which they are good, as the row said."""

    __tablename__ = "loyalty_grant"

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"), title=_("Programme"), classified="internal", editable=False
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal", editable=False
    )
    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", unique=True, editable=False
    )
    points: Mapped[int] = field(title=_("Points"), classified="internal", editable=False)
    good_through: Mapped[date | None] = field(title=_("Good through"), classified="internal", editable=False)
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="internal", editable=False)
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(120), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (Index("uq_loyalty_grant_external", "external_source", "external_id", unique=True),)


MODELS: list[type[Any]] = [Grant]
