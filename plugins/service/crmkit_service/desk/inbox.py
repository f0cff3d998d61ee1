"""The inbox: views beside a list, and what a case looks like before it is opened. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmkit_work.api import Queue, is_available
from sqlalchemy import select

from crmkit import CrmSession, NotFound, TeamMember, User, random_text, texts
from crmkit_service.cases.models import Case
from crmkit_service.cases.talking import thread_of
from crmkit_service.cases.words import KINDS
from crmkit_service.desk.showing import may, rows_of, user_names, words
from crmkit_service.desk.views import (
    MOST_COUNTED,
    SIZE,
    SORTS,
    VIEWS,
    Wanted,
    counts,
    identity,
    kept_view,
    kept_views,
    listed,
    wanted_of,
)

_ = texts("crmkit_service")

HOME = "/modules/service/inbox"
CASE = "/modules/service/case"
AGENTS = 40
EMPTY: Mapping[str, tuple[str, str]] = {
    "mine": (_("Nothing is waiting for you"), _("Take a case from those that are nobody's, or enjoy the quiet.")),
    "unassigned": (_("Every case has somebody"), _("What comes in without an owner stands here.")),
    "queues": (_("Your queues are empty"), _("What comes into the queues of which you are a member stands here.")),
    "soon": (_("Nothing is due soon"), _("Cases that are due within two hours stand here.")),
    "late": (_("Nothing is late"), _("Cases with a target that was missed stand here.")),
    "waiting": (_("Nobody is being waited for"), _("Cases that wait for a customer or somebody else stand here.")),
    "open": (_("There is no open case"), _("Whatever is open, and you may see, stands here.")),
    "over": (_("Nothing was resolved lately"), _("What was resolved in the last two weeks stands here.")),
}
"""What the list says that is empty, by its view."""


def inbox(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the views with their counts, and the cases of one of them."""
    wanted = wanted_of(session, query)
    found, more = listed(session, wanted)
    kept = kept_view(session, wanted.view)
    own = session.guarding.rights.user_id
    return {
        **words(),
        "wanted": wanted,
        "rows": rows_of(session, found),
        "more": more,
        "first": (wanted.page - 1) * SIZE + 1,
        "views": VIEWS,
        "counts": counts(session),
        "most": MOST_COUNTED,
        "kept": kept_views(session),
        "title": kept.title if kept is not None else VIEWS[wanted.view][0],
        "is_kept": kept is not None,
        "empty": _empty(wanted),
        "sorts": SORTS,
        "kinds": KINDS,
        "queues": queues(session),
        "agents": agents(session),
        "presence": is_available(session, own) if own is not None else None,
        "home": HOME,
        "page": CASE,
        "here": address(HOME, wanted),
        "key": random_text(24),
        "may_update": may(session, "service.case.update"),
        "may_create": may(session, "service.case.create"),
    }


def preview(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the last messages of a case, for beside the list. Raises NotFound."""
    case = case_of(session, query)
    said = [each for each in thread_of(session, case) if not each.message.automatic][-4:]
    wanted = wanted_of(session, query)
    return {
        **words(),
        "row": rows_of(session, [case])[0],
        "said": said,
        "names": user_names(session, {each.message.author_id for each in said}),
        "page": CASE,
        "wanted": wanted,
        "here": address(HOME, wanted),
        "may_update": may(session, "service.case.update"),
    }


def case_of(session: CrmSession, query: Mapping[str, str]) -> Case:
    """Return the case that an address names, by its id or its number. Raises NotFound."""
    found = identity(query.get("id"))
    number = query.get("number", "").lstrip("#")
    case = session.get(Case, found) if found is not None else None
    if case is None and number.isdecimal() and len(number) < 10:
        case = session.scalar(select(Case).where(Case.number == int(number)))
    if case is None:
        raise NotFound(_("There is no such case."))
    return case


def queues(session: CrmSession) -> Sequence[Queue]:
    """Return the queues that there are, by title."""
    return session.scalars(select(Queue).where(Queue.active).order_by(Queue.title)).all()


def agents(session: CrmSession) -> list[tuple[Any, str]]:
    """Return the colleagues whom a case may be given to: those of one's own teams, else all; id and name."""
    own = session.guarding.rights.user_id
    teams = select(TeamMember.team_id).where(TeamMember.user_id == own)
    fellows = select(TeamMember.user_id).where(TeamMember.team_id.in_(teams))
    query = select(User.id, User.name).where(User.active, User.id != own).order_by(User.name, User.id).limit(AGENTS)
    found = session.execute(query.where(User.id.in_(fellows))).all() or session.execute(query).all()
    return [(row.id, row.name) for row in found]


def address(path: str, wanted: Wanted, **changes: Any) -> str:
    """Return the address of a page for what is asked for."""
    from urllib.parse import urlencode

    values = wanted.as_query(**changes)
    return f"{path}?{urlencode(values)}" if values else path


def _empty(wanted: Wanted) -> tuple[str, str]:
    if wanted.text:
        return _("Nothing is found"), _("Look for words of a subject, the name of a customer or the number of a case.")
    if wanted.kind or wanted.priority or wanted.queue_id:
        return _("Nothing is left with these filters"), _("Take one out to see more.")
    return EMPTY.get(wanted.view, EMPTY["open"])
