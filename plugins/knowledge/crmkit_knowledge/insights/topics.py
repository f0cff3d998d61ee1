"""The governed list of topics: adding and changing them, finding one, and those that there are from the beginning."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, NotFound, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit.i18n import translate
from crmkit_knowledge.insights.errors import problem
from crmkit_knowledge.insights.inputs import Kind, TopicUpdate
from crmkit_knowledge.insights.models import InsightTopic

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.insight_topic.manage"
CREATE = "knowledge.insight_topic.create"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
STANDARD: Sequence[tuple[str, str, str, bool, int]] = (
    ("contact_time", _("Contact time"), "preference", True, 365),
    ("contact_way", _("Way of contact"), "preference", True, 365),
    ("packaging", _("Packaging"), "preference", True, 730),
    ("delivery", _("Delivery"), "preference", True, 365),
    ("allergy", _("Allergy"), "constraint", False, 0),
    ("access", _("Access on site"), "constraint", True, 730),
    ("payment", _("Payment"), "constraint", True, 365),
    ("situation", _("Situation"), "fact", True, 365),
    ("occasion", _("Occasion"), "fact", False, 0),
    ("follow_up", _("Follow-up"), "promise", False, 0),
    ("goodwill", _("Goodwill"), "promise", False, 0),
)
"""Name, title, usual kind, whether a customer has one at a time, and for how many days one holds."""


@operation(CREATE, title=_("Add a topic"), permission=MANAGE, effect="create")
def create_topic(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="public")] = "",
    kind: Kind = "preference",
    single: Annotated[
        bool,
        Input(title=_("One at a time"), help=_("A newer insight replaces the older."), classified="public"),
    ] = True,
    days: Annotated[
        int,
        Input(title=_("Holds for (days)"), help=_("0 for ever."), minimum=0, maximum=36500, classified="public"),
    ] = 0,
    position: Annotated[int, Input(title=_("Position"), classified="public")] = 100,
) -> InsightTopic:
    """Add something that insights may be about. Raises AlreadyExists, InvalidInput for a name that is none."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(InsightTopic.id).where(InsightTopic.name == name)) is not None:
        raise AlreadyExists(_('There is a topic "{name}" already.'), name=name)
    made = InsightTopic(
        name=name,
        title=title.strip() or name,
        kind=kind,
        single=single,
        days=days,
        position=position,
        active=True,
    )
    session.add(made)
    return made


@operation("knowledge.insight_topic.update", title=_("Change the topic"), permission=MANAGE, effect="update")
def update_topic(session: CrmSession, topic: InsightTopic, changes: TopicUpdate) -> InsightTopic:
    """Change a topic; what is known already keeps its kind and its expiry."""
    for name, value in given(changes).items():
        if isinstance(value, str) and not value.strip():
            raise problem(name, _("This cannot be empty."))
        setattr(topic, name, value.strip() if isinstance(value, str) else value)
    return topic


def topic_named(session: CrmSession, name: str) -> InsightTopic:
    """Return an active topic by its name. Raises NotFound, with the names that come close."""
    wanted = name.strip()
    found = session.scalars(select(InsightTopic).where(InsightTopic.name == wanted, InsightTopic.active)).first()
    if found is not None:
        return found
    order = (InsightTopic.position, InsightTopic.name)
    names = list(session.scalars(select(InsightTopic.name).where(InsightTopic.active).order_by(*order)))
    close = ", ".join(difflib.get_close_matches(wanted, names, 3) or names[:20]) or "–"
    raise NotFound(_('There is no topic "{name}".'), fix=_("There are: {known}."), name=name, known=close)


def titles_of(session: CrmSession) -> Mapping[UUID, str]:
    """Return the titles of all topics by their ids, in their order."""
    order = (InsightTopic.position, InsightTopic.name)
    return {each.id: each.title for each in session.scalars(select(InsightTopic).order_by(*order))}


def plugin_enabled(crm: CRM) -> None:
    """Add the first topics, where there are none."""
    with crm.transaction(crm.system("the first topics of insights")) as session:
        if session.scalar(select(InsightTopic.id).limit(1)) is not None:
            return
        language = crm.config.get(session).language
        for place, (name, title, kind, single, days) in enumerate(STANDARD, 1):
            values: dict[str, Any] = {"kind": kind, "single": single, "days": days, "position": 10 * place}
            session.run(CREATE, {"name": name, "title": translate(title, language), **values})


OPERATIONS = [create_topic, update_topic]
