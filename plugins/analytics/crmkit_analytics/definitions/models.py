"""The table of definitions: each saving is one more version, written once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, field, json_type, texts

_ = texts("crmkit_analytics")

SORTS = {"funnel": _("Funnel"), "cohort": _("Cohort"), "metric": _("Figure")}


class Definition(Entry):
    """One version of the definition of a funnel, a cohort or a figure; the highest version counts.

    ``content`` is the definition itself as a document; ``withdrawn`` says that it no longer counts from this version
    on.
    """

    __tablename__ = "analytics_definition"
    __access__ = Access.open(resource="analytics.definition")

    sort: Mapped[str] = field(String(10), title=_("Sort"), classified="internal", choices=SORTS)
    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal")
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    content: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    author: Mapped[str] = field(String(80), title=_("By"), classified="internal")
    note: Mapped[str | None] = field(String(500), title=_("What has changed"), classified="internal")
    withdrawn: Mapped[bool] = field(title=_("Withdrawn"), classified="internal", default=False)

    __table_args__ = (UniqueConstraint("sort", "name", "number"),)


MODELS: list[type[Any]] = [Definition]
