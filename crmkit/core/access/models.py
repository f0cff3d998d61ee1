"""Users and teams, and what they may do: roles with their grants and field rights, and records shared one by one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.model import Access, Model, Record, field
from crmkit.i18n import texts

_ = texts("crmkit")


class Team(Record):
    """A team, in a tree."""

    __tablename__ = "crm_team"
    __access__ = Access.open(resource="user")

    name: Mapped[str] = field(String(120), title=_("Name"), classified="public", unique=True)
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("crm_team.id", ondelete="SET NULL"), title=_("Part of"), classified="public", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class User(Record):
    """Somebody who works with the CRM."""

    __tablename__ = "crm_user"
    __access__ = Access.open(resource="user")

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
    __access__ = Access.open(resource="user")

    team_id: Mapped[UUID] = field(
        ForeignKey("crm_team.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    user_id: Mapped[UUID] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )
    main: Mapped[bool] = field(classified="internal", default=False)


class Role(Record):
    """A bundle of rights. A shipped one came with crmkit: it can be edited and made inactive, and never deleted."""

    __tablename__ = "crm_role"
    __access__ = Access.open(resource="role")

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    shipped: Mapped[bool] = field(title=_("Shipped"), classified="public", default=False, editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class RoleInclude(Model):
    """A role that another one includes, with everything that it grants and denies."""

    __tablename__ = "crm_role_include"
    __access__ = Access.open(resource="role")

    role_id: Mapped[UUID] = field(ForeignKey("crm_role.id", ondelete="CASCADE"), classified="public", primary_key=True)
    included_id: Mapped[UUID] = field(
        ForeignKey("crm_role.id", ondelete="CASCADE"), classified="public", primary_key=True, index=True
    )


class Grant(Model):
    """What a role may do with the records of a resource, and with which of them; the scope "none" denies it."""

    __tablename__ = "crm_grant"
    __access__ = Access.open(resource="role")

    role_id: Mapped[UUID] = field(ForeignKey("crm_role.id", ondelete="CASCADE"), classified="public", primary_key=True)
    resource: Mapped[str] = field(String(120), title=_("Resource"), classified="public", primary_key=True)
    """Name of a resource, ``<plugin>.*`` for all of a plugin, or ``*`` for all."""
    action: Mapped[str] = field(String(60), title=_("Action"), classified="public", primary_key=True)
    """read, create, update, delete, export, bulk, assign, reveal, admin, an operation's own verb, or ``*``."""
    scope: Mapped[str] = field(String(5), title=_("Scope"), classified="public")
    """none, own, team, tree or all."""

    __table_args__ = (CheckConstraint("scope IN ('none', 'own', 'team', 'tree', 'all')", name="scope"),)


class FieldRight(Model):
    """How a role sees the fields of one class: not at all, masked or in full."""

    __tablename__ = "crm_field_right"
    __access__ = Access.open(resource="role")

    role_id: Mapped[UUID] = field(ForeignKey("crm_role.id", ondelete="CASCADE"), classified="public", primary_key=True)
    resource: Mapped[str] = field(String(120), title=_("Resource"), classified="public", primary_key=True)
    """Name of a resource, ``<plugin>.*`` or ``*``."""
    classified: Mapped[str] = field(String(10), title=_("Field class"), classified="public", primary_key=True)
    """personal, text or sensitive."""
    level: Mapped[str] = field(String(6), title=_("Level"), classified="public")
    """none, masked or full."""

    __table_args__ = (
        CheckConstraint("classified IN ('personal', 'text', 'sensitive')", name="classified"),
        CheckConstraint("level IN ('none', 'masked', 'full')", name="level"),
    )


class UserRole(Model):
    """A role that a user has."""

    __tablename__ = "crm_user_role"
    __access__ = Access.open(resource="role")

    user_id: Mapped[UUID] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    role_id: Mapped[UUID] = field(
        ForeignKey("crm_role.id", ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )


class Share(Record):
    """One record that is shared with a user or a team, whatever their roles' scopes; "update" includes reading."""

    __tablename__ = "crm_share"
    __access__ = Access.system()

    resource: Mapped[str] = field(String(120), title=_("Resource"), classified="internal")
    record_id: Mapped[UUID] = field(title=_("Record"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), title=_("User"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        ForeignKey("crm_team.id", ondelete="CASCADE"), title=_("Team"), classified="internal", index=True
    )
    action: Mapped[str] = field(String(10), title=_("Action"), classified="internal", default="read")
    """read or update."""
    expires_at: Mapped[datetime | None] = field(title=_("Expires at"), classified="internal")
    granted_by: Mapped[str] = field(String(80), title=_("Shared by"), classified="internal")

    __table_args__ = (
        Index("ix_crm_share_record", "record_id", "resource"),
        CheckConstraint("action IN ('read', 'update')", name="action"),
        CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="one_recipient"),
    )
