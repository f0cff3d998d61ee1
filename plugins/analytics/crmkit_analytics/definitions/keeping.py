"""Keeping definitions and finding them: by name as they count, or as an earlier version had them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs
from sqlalchemy import func, select

from crmkit import CrmSession, InvalidInput, NotFound, Problem, structure, texts
from crmkit_analytics.definitions.models import Definition

_ = texts("crmkit_analytics")

T = TypeVar("T")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def save(session: CrmSession, sort: str, name: str, title: str, content: Any, note: str | None = None) -> Definition:
    """Write one more version of a definition, within an operation. Raises InvalidInput for a name that is none."""
    if not _NAME.fullmatch(name):
        text = _("A name has small letters, digits and _, and begins with a letter.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="name", value=name)])
    made = Definition(
        sort=sort,
        name=name,
        number=_last(session, sort, name) + 1,
        title=title,
        content=attrs.asdict(content),
        author=session.actor.id,
        note=note or None,
        withdrawn=False,
    )
    session.add(made)
    return made


def withdraw(session: CrmSession, sort: str, name: str) -> Definition:
    """Have a definition no longer count: one more version says so. Raises NotFound."""
    last = find(session, sort, name)
    made = Definition(
        sort=sort,
        name=name,
        number=last.number + 1,
        title=last.title,
        content=dict(last.content),
        author=session.actor.id,
        withdrawn=True,
    )
    session.add(made)
    return made


def find(session: CrmSession, sort: str, name: str, number: int | None = None) -> Definition:
    """Return a definition as it counts, or one version of it. Raises NotFound."""
    query = select(Definition).where(Definition.sort == sort, Definition.name == name)
    if number is not None:
        query = query.where(Definition.number == number)
    found = session.scalars(query.order_by(Definition.number.desc()).limit(1)).first()
    if found is None or (number is None and found.withdrawn):
        raise NotFound(_('There is no definition "{name}".'), name=name)
    return found


def listed(session: CrmSession, sort: str) -> Sequence[Definition]:
    """Return the definitions of a sort that count, by name."""
    last = (
        select(Definition.name, func.max(Definition.number).label("number"))
        .where(Definition.sort == sort)
        .group_by(Definition.name)
        .subquery("last")
    )
    query = (
        select(Definition)
        .join(last, (last.c.name == Definition.name) & (last.c.number == Definition.number))
        .where(Definition.sort == sort, Definition.withdrawn.is_(False))
    )
    return list(session.scalars(query.order_by(Definition.name)))


def versions(session: CrmSession, sort: str, name: str) -> Sequence[Definition]:
    """Return all versions of a definition, the newest first."""
    query = select(Definition).where(Definition.sort == sort, Definition.name == name)
    return list(session.scalars(query.order_by(Definition.number.desc())))


def content_of(found: Definition, shape: type[T]) -> T:
    """Return the content of a definition as its attrs class."""
    content: Mapping[str, Any] = found.content
    made: T = structure(shape, content)
    return made


def _last(session: CrmSession, sort: str, name: str) -> int:
    found = select(func.max(Definition.number)).where(Definition.sort == sort, Definition.name == name)
    return session.scalar(found) or 0
