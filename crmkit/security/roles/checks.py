"""Checks of what an admin says about rights: names of resources, actions, scopes, roles and users."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from crmkit.core.access.catalogue import rights_catalogue
from crmkit.core.access.models import Role, Team, User
from crmkit.core.store.ids import parse_id
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,59}")


def check_resource(session: CrmSession, resource: str, field: str = "resource") -> list[Problem]:
    """Return what is wrong with the name of a resource: one that there is, ``<plugin>.*`` for all of a plugin, or
    ``*``."""
    known = rights_catalogue(session.gate.registry)
    names = {"*", *known, *(f"{name.partition('.')[0]}.*" for name in known if "." in name)}
    return _unknown(field, resource, names)


def check_action(session: CrmSession, resource: str, action: str) -> list[Problem]:
    """Return what is wrong with the name of an action: ``*``, or one that there is for the resource."""
    known = rights_catalogue(session.gate.registry)
    if resource in known:
        return _unknown("action", action, {"*", *known[resource]})
    every = {"*", *(each for actions in known.values() for each in actions)}
    return _unknown("action", action, every)


def check_role_name(name: str) -> list[Problem]:
    """Return what is wrong with the name of a new role."""
    if _ROLE.fullmatch(name):
        return []
    hint = _("Use small letters, digits and underscores, beginning with a letter.")
    return [Problem(InvalidInput.code, _("This cannot be the name of a role."), field="name", value=name, hint=hint)]


def find_role(session: CrmSession, text: str) -> Role:
    """Return the role of a name or an id. Raises NotFound, suggesting the one that was probably meant."""
    identity = parse_id(text)
    role = session.get(Role, identity) if identity else session.scalar(select(Role).where(Role.name == text))
    if role is None:
        close = difflib.get_close_matches(text, list(session.scalars(select(Role.name))), 1)
        raise NotFound(
            _('There is no role "{name}".'),
            fix=_('Did you mean "{close}"?') if close else None,
            name=text,
            close=close[0] if close else "",
        )
    return role


def find_user(session: CrmSession, text: str | UUID) -> User:
    """Return the user of a login or an id. Raises NotFound."""
    identity = text if isinstance(text, UUID) else parse_id(text)
    user = session.get(User, identity) if identity else session.scalar(select(User).where(User.login == text))
    if user is None:
        raise NotFound(_('There is no user "{login}".'), login=text)
    return user


def find_team(session: CrmSession, text: str | UUID) -> Team:
    """Return the team of a name or an id. Raises NotFound."""
    identity = text if isinstance(text, UUID) else parse_id(text)
    team = session.get(Team, identity) if identity else session.scalar(select(Team).where(Team.name == text))
    if team is None:
        raise NotFound(_('There is no team "{name}".'), name=text)
    return team


def _unknown(field: str, value: str, names: Collection[str]) -> list[Problem]:
    if value in names:
        return []
    close = difflib.get_close_matches(value, sorted(names), 1)
    return [
        Problem(
            InvalidInput.code,
            _("There is no such resource.") if field == "resource" else _("There is no such action on this resource."),
            field=field,
            value=value,
            hint=_('Did you mean "{close}"?') if close else _("crmkit access rights lists what there is."),
            close=close[0] if close else "",
        )
    ]
