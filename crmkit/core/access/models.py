"""Users and teams."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.model import Model, Record, field
from crmkit.i18n import texts

_ = texts("crmkit")


class Team(Record):
    """A team, in a tree."""

    __tablename__ = "crm_team"

    name: Mapped[str] = field(String(120), title=_("Name"), classified="public", unique=True)
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("crm_team.id", ondelete="SET NULL"), title=_("Part of"), classified="public", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class User(Record):
    """Somebody who works with the CRM."""

    __tablename__ = "crm_user"

    login: Mapped[str] = field(String(120), title=_("Login"), classified="internal", unique=True)
    name: Mapped[str] = field(String(200), title=_("Name"), classified="internal")
    email: Mapped[str | None] = field(String(254), title=_("E-mail"), classified="internal")
    language: Mapped[str | None] = field(String(10), title=_("Language"), classified="internal")
    zone: Mapped[str | None] = field(String(60), title=_("Time zone"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)
    left_at: Mapped[datetime | None] = field(title=_("Left at"), classified="internal", editable=False)


class TeamMember(Model):
    """A user's place in a team. A user may be in several; one of them is the main one."""

    __tablename__ = "crm_team_member"

    team_id: Mapped[UUID] = field(
        ForeignKey("crm_team.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    user_id: Mapped[UUID] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )
    main: Mapped[bool] = field(classified="internal", default=False)
