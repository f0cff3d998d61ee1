"""The page before a question is sent, below ``/s/ask``: what is typed, articles that may answer it, and the form of
service where they do not. What is typed stands in no address and is kept nowhere until it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crmkit import (
    CrmSession,
    InvalidInput,
    NotFound,
    Problem,
    PublicSite,
    SiteAnswer,
    SitePage,
    SiteVisit,
    Visit,
    texts,
)
from crmkit.i18n import translate
from crmkit_knowledge.articles.models import PublicText
from crmkit_knowledge.centre.showing import rendered
from crmkit_knowledge.centre.site import PATH as CENTRE
from crmkit_knowledge.settings import settings_of
from crmkit_knowledge.suggesting.models import HelpSession
from crmkit_knowledge.suggesting.suggesting import suggest
from crmkit_knowledge.suggesting.visiting import Sent, visit_of

_ = texts("crmkit_knowledge")

PATH = "ask"
FORM, CHANNEL = "service.form", "service.channel"
SHOWN = 3
LONGEST = 4000
RIGHTS = (
    "knowledge.category.read",
    "knowledge.public_text.read",
    "knowledge.session.create",
    "knowledge.session.read",
    "knowledge.session.update",
    "knowledge.space.read",
    "knowledge.synonym.read",
)


def answer(session: CrmSession, visit: SiteVisit) -> SiteAnswer | None:
    """Return the page on which somebody says what they need help with."""
    return _page("ask", {"typed": ""}) if not visit.path else None


def submit(session: CrmSession, visit: SiteVisit, values: Mapping[str, tuple[str, ...]]) -> SiteAnswer:
    """Do what was pressed: look for articles, open one, end there, or go on to the form and send it. Raises
    InvalidInput for a text that says nothing or is too long, NotFound for a visit that is not the visitor's."""
    said = {name: found[0] for name, found in values.items() if found}
    typed = said.get("text", "").strip()
    act = said.get("act", "look")
    if len(typed) > LONGEST:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("This is longer than {most} characters."), field="text", most=LONGEST)]
        )
    if act == "look":
        return _look(session, visit, typed)
    found = visit_of(session, said.get("visit", ""), visit.key)
    if found is None:
        raise NotFound(_("There is no such page."))
    if act == "read":
        return _read(session, visit, found, typed, said.get("slug", ""))
    if act == "answered":
        session.run("knowledge.session.note", {"what": "answered"}, target=found.id)
        return _page("answered", {})
    return _send(session, visit, found, values) if act == "send" else _form(session, visit, found, typed)


def _look(session: CrmSession, visit: SiteVisit, typed: str) -> SiteAnswer:
    if not typed:
        return _page("ask", {"typed": "", "problems": (_("Please say what you need help with."),)})
    found: HelpSession = session.run("knowledge.session.begin", {"key": visit.key})
    if found.arm == "control":
        return _form(session, visit, found, typed)
    hits = suggest(session, typed, language=visit.language, limit=SHOWN)
    if not hits:
        return _form(session, visit, found, typed)
    ids = [str(each.article_id) for each in hits]
    session.run("knowledge.session.note", {"what": "suggested", "articles": ids}, target=found.id)
    return _page("suggested", {"typed": typed, "help": found.id, "hits": hits})


def _read(session: CrmSession, visit: SiteVisit, found: HelpSession, typed: str, slug: str) -> SiteAnswer:
    text = session.scalars(select(PublicText).where(PublicText.slug == slug)).first()
    if text is None:
        raise NotFound(_("There is no such page."))
    session.run("knowledge.session.note", {"what": "viewed", "articles": [str(text.article_id)]}, target=found.id)
    body = rendered(session, text, base=f"{visit.base.rpartition('/')[0]}/{CENTRE}")
    return _page("read", {"typed": typed, "help": found.id, "text": text, "body": body})


def _form(
    session: CrmSession,
    visit: SiteVisit,
    found: HelpSession,
    typed: str,
    problems: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
) -> SiteAnswer:
    """Return the form of service with what was typed, or where there is none a page that says so."""
    link = _link(session, visit)
    if link is None:
        return _page("nowhere", {"typed": typed})
    shown = dict(_form_page(session).show(session, link))
    language = visit.language
    filled = {"text": typed, **(given or {})}
    context = {
        "typed": typed,
        "help": found.id,
        "problems": problems,
        "filled": filled,
        "questions": [(name, translate(title, language), needed) for name, title, needed in shown["questions"]],
        "kinds": shown["kinds"],
        "fills": shown["fills"],
        "hidden": [(shown["opened"], filled.get(shown["opened"]) or shown["stamp"])],
        "trap": shown["trap"],
        "introduction": shown["introduction"],
        "agreed": shown["agreed"],
        "purposes": [(name, translate(title, language)) for name, title in shown["purposes"]],
    }
    return _page("form", context)


def _send(
    session: CrmSession, visit: SiteVisit, found: HelpSession, values: Mapping[str, tuple[str, ...]]
) -> SiteAnswer:
    link = _link(session, visit)
    if link is None:
        raise NotFound(_("There is no such page."))
    try:
        with session.begin_nested(), Sent(session) as sent:
            _form_page(session).submit(session, link, values)
    except InvalidInput as error:
        problems = [translate(each.message, visit.language, **dict(each.values)) for each in error.problems]
        given = {name: said[0] for name, said in values.items() if said}
        return _form(session, visit, found, given.get("text", ""), problems, given)
    session.run("knowledge.session.note", {"what": "sent", "ref": sent.ref}, target=found.id)
    return _page("sent", {})


def _link(session: CrmSession, visit: SiteVisit) -> Visit | None:
    """Return a visit of the form of service that follows, where there is one."""
    resource = session.gate.registry.resources.get(CHANNEL)
    if resource is None or _form_page(session) is None:
        return None
    model: Any = resource.model
    query = select(model).where(model.kind == "form", model.active.is_(True), model.link_id.is_not(None))
    name = settings_of(session.crm.settings).request_form
    if name:
        query = query.where(model.name == name)
    channel = session.scalars(query.order_by(model.name).limit(1)).first()
    if channel is None:
        return None
    return Visit(link_id=channel.link_id, page=FORM, ref=f"{CHANNEL}:{channel.id}", language=visit.language)


def _form_page(session: CrmSession) -> Any:
    return session.gate.registry.tables["public page"].get(FORM)


def _page(name: str, context: Mapping[str, Any]) -> SitePage:
    return SitePage(
        title=_("Ask for help"),
        template=f"knowledge/suggesting/{name}.html",
        indexed=False,
        context={"problems": (), **context},
    )


PUBLIC_SITES = [
    PublicSite(
        name="knowledge.ask",
        path=PATH,
        title=_("Ask for help"),
        answer=answer,
        submit=submit,
        # What the form of service asks for as well: without service these open nothing.
        rights=(
            *RIGHTS,
            "service.channel.read",
            "service.deflection.create",
            "service.form.answer",
            "service.intake.create",
        ),
        throttle=120,
    )
]
