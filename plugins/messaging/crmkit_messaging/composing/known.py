"""Which templates are in use, for plugins whose definitions name them."""

from __future__ import annotations

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_messaging.composing.models import PUBLISHED, MessageTemplate, TemplateText, TemplateVersion


@frozen(kw_only=True)
class UsableTemplate:
    """A template that has been published: its channel, its purpose, and the languages in which it has a text."""

    name: str
    title: str
    channel: str
    purpose: str
    languages: frozenset[str]


def usable_templates(session: CrmSession) -> dict[str, UsableTemplate]:
    """Return the templates that can be sent by, by name; in two statements."""
    newest: dict[object, tuple[int, object]] = {}
    query = select(TemplateVersion.id, TemplateVersion.template_id, TemplateVersion.number)
    for id_, template_id, number in session.execute(query.where(TemplateVersion.state == PUBLISHED)):
        newest[template_id] = max(newest.get(template_id, (0, id_)), (number, id_), key=lambda pair: pair[0])
    spoken: dict[object, set[str]] = {}
    wanted = [id_ for _number, id_ in newest.values()]
    texts = select(TemplateText.version_id, TemplateText.language).where(TemplateText.version_id.in_(wanted))
    for version_id, language in session.execute(texts) if wanted else ():
        spoken.setdefault(version_id, set()).add(language)
    templates = session.scalars(select(MessageTemplate).order_by(MessageTemplate.name))
    return {
        each.name: UsableTemplate(
            name=each.name,
            title=each.title,
            channel=each.channel,
            purpose=each.purpose,
            languages=frozenset(spoken.get(newest[each.id][1], ())),
        )
        for each in templates
        if each.id in newest
    }
