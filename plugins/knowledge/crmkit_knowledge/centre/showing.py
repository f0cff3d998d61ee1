"""What a visitor sees of a text: rendered, with its files. Must not know addresses of other pages."""

from __future__ import annotations

from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import select

from crmkit import Actor, CrmSession, NotFound, PageFile
from crmkit_knowledge.articles.models import PublicText
from crmkit_knowledge.files.operations import file_named
from crmkit_knowledge.rendering import render
from crmkit_knowledge.rendering.markdown import address_in
from crmkit_knowledge.rendering.redirects import shown_at


def rendered(session: CrmSession, text: PublicText, *, base: str) -> Markup:
    """Return the body of a text as HTML that does nothing but show it. ``base`` is the address of the help centre; with
    none, what would lead there or to a file leads nowhere."""

    def leads(address: str) -> str | None:
        kind, name = address_in(address)
        if not base or not name:
            return None
        if kind == "file":
            return f"{base}/a/{quote(text.slug)}/file/{quote(name)}"
        if kind != "article":
            return None
        numbered = name.isascii() and name.isdigit() and len(name) <= 9
        named = PublicText.number == int(name) if numbered else PublicText.slug == name
        slug = session.scalar(select(PublicText.slug).where(named))
        return f"{base}/a/{quote(slug)}" if slug else None

    return render(text.body, resolve=leads).html


def file_of(session: CrmSession, text: PublicText, name: str) -> PageFile | None:
    """Return a file that a text shows or offers; what the article has besides is not for visitors."""
    if ("file", name) not in {address_in(each) for each in render(text.body).links}:
        return None
    with session.crm.session(Actor.system("a file of a public text")) as whole:
        try:
            found = file_named(whole, text.article_id, name)
        except NotFound:
            return None
        return PageFile(content=found.content, media_type=found.media_type, filename=found.name)


def went_to(session: CrmSession, slug: str) -> str | None:
    """Return where the text is now that stood at an address."""
    return shown_at(session, slug)
