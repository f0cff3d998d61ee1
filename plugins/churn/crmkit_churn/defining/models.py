"""The table of definitions: what leaving means, as of when it is looked at, and by what it is predicted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, json_type, texts
from crmkit_churn.defining.words import KINDS

_ = texts("crmkit_churn")


class ChurnDefinition(Record):
    """What leaving means for one kind of customer.

    ``outcome`` is a condition ("expression"), the day on which a contract ends ("contractual", with ``cancelled`` as a
    condition and ``grace_days``), or the figure that falls ("partial", by ``drop_percent`` against the window before;
    a figure that only grows is taken by what was added). "gap" takes the ``gap_percent`` quantile of a customer's own
    gaps between purchases, "alive" the probability below ``least_alive`` percent. Windows are in days. ``features`` are
    expressions over facts, ``delays`` says by the name of a fact set after how many days its history was known.
    ``undated`` lets facts without history count. ``number`` goes up with each change.
    """

    __tablename__ = "churn_definition"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="internal", choices=KINDS)
    outcome: Mapped[str] = field(String(2000), title=_("Outcome"), classified="internal", default="")
    cancelled: Mapped[str] = field(String(2000), title=_("Cancelled"), classified="internal", default="")
    grace_days: Mapped[int] = field(Integer, title=_("Days of grace"), classified="internal", default=0)
    gap_percent: Mapped[int] = field(Integer, title=_("Quantile of own gaps (%)"), classified="internal", default=95)
    least_gap_days: Mapped[int] = field(Integer, title=_("Least gap in days"), classified="internal", default=30)
    least_alive: Mapped[int] = field(Integer, title=_("Gone below P(alive) (%)"), classified="internal", default=50)
    drop_percent: Mapped[int] = field(Integer, title=_("Falls by (%)"), classified="internal", default=50)
    among: Mapped[str] = field(String(2000), title=_("Customers"), classified="internal", default="true")
    observation_days: Mapped[int] = field(Integer, title=_("Observed days"), classified="internal", default=90)
    horizon_days: Mapped[int] = field(Integer, title=_("Predicted days"), classified="internal", default=90)
    features: Mapped[list[Any]] = field(json_type(), title=_("Features"), classified="internal", default=list)
    delays: Mapped[dict[str, Any]] = field(json_type(), title=_("Delays"), classified="internal", default=dict)
    points: Mapped[dict[str, Any]] = field(json_type(), title=_("Points"), classified="internal", default=dict)
    undated: Mapped[bool] = field(title=_("Facts without history count"), classified="internal", default=False)
    usual: Mapped[bool] = field(title=_("Usual"), classified="internal", default=False, editable=False)
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", default=1, editable=False)


MODELS: list[type[Any]] = [ChurnDefinition]
"""The tables of this room."""
