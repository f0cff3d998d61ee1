"""What a visitor sees of a text: rendered, with its files. Must not know addresses of other pages."""

from __future__ import annotations

from markupsafe import Markup, escape

from crmkit import Actor, CrmSession, NotFound, PageFile
from crmkit_knowledge.articles.models import PublicText
from crmkit_knowledge.files.operations import file_named


def rendered(session: CrmSession, text: PublicText, *, base: str) -> Markup:
    """Return the body of a text as HTML that does nothing but show it. ``base`` is the address of the help centre; with
    none, what would lead there or to a file leads nowhere."""
    return Markup("<pre>{}</pre>").format(escape(text.body))


def file_of(session: CrmSession, text: PublicText, name: str) -> PageFile | None:
    """Return a file that a text shows or offers; what the article has besides is not for visitors."""
    if f"file:{name}" not in text.body:
        return None
    with session.crm.session(Actor.system("a file of a public text")) as whole:
        try:
            found = file_named(whole, text.article_id, name)
        except NotFound:
            return None
        return PageFile(content=found.content, media_type=found.media_type, filename=found.name)


def went_to(session: CrmSession, slug: str) -> str | None:
    """Return where the text is now that stood at an address."""
    return None
