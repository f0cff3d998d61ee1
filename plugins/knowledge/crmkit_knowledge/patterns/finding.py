"""Finding templates of articles."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_knowledge.patterns.models import Pattern

_ = texts("crmkit_knowledge")


def pattern_named(session: CrmSession, name: str) -> Pattern:
    """Return a template by its name. Raises NotFound for one that there is not, or that is not active any more."""
    found = session.scalars(select(Pattern).where(Pattern.name == name, Pattern.active.is_(True))).first()
    if found is None:
        known = ", ".join(each.name for each in patterns_of(session)) or "–"
        raise NotFound(_('There is no template "{name}".'), fix=_("There are: {known}."), name=name, known=known)
    return found


def patterns_of(session: CrmSession) -> Sequence[Pattern]:
    """Return the templates that are active, by title."""
    query = select(Pattern).where(Pattern.active.is_(True))
    return session.scalars(query.order_by(Pattern.title, Pattern.name)).all()
