"""The tables of survivorship: how far each source is trusted, and by which rule each field's value is chosen."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field as column, json_type, texts
from crmkit_quality.survivorship.words import STRATEGIES

_ = texts("crmkit_quality")


class Source(Record):
    """A system that values come from, and how far it is trusted.

    ``name`` is what imports call it (``--source``), what identifiers and the source of customers say; ``entered`` is
    what people enter themselves. ``trust`` is from 0 to 100.
    """

    __tablename__ = "quality_source"
    __access__ = Access.open()

    name: Mapped[str] = column(String(60), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = column(String(200), title=_("Title"), classified="internal")
    trust: Mapped[int] = column(Integer, title=_("Trust (0 to 100)"), classified="internal", default=50)


class SurvivorshipRule(Record):
    """How the value of a field is chosen where two records of a customer have different ones.

    ``field`` is a field of the customer, ``custom.<name>``, ``*`` for those without a rule of their own, or ``record``
    for which of the two records survives. ``sources``, if any, is an order of sources that is heeded before their
    trust, the best one first.
    """

    __tablename__ = "quality_survivorship"
    __access__ = Access.open()

    field: Mapped[str] = column(String(120), title=_("Field"), classified="internal", unique=True, editable=False)
    strategy: Mapped[str] = column(String(20), title=_("Rule"), classified="internal", choices=STRATEGIES)
    sources: Mapped[list[str]] = column(json_type(), title=_("Order of sources"), classified="internal", default=list)
