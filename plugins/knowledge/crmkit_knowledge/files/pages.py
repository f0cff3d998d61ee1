"""The address at which colleagues get a file of an article."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import CrmSession, NotFound, Page, PageFile, texts
from crmkit_knowledge.articles.finding import article_numbered
from crmkit_knowledge.files.operations import file_named

_ = texts("crmkit_knowledge")

PATH = "/modules/knowledge/file"


def address_of(number: int, name: str) -> str:
    """Return where colleagues get a file of an article."""
    from urllib.parse import quote

    return f"{PATH}?article={number}&name={quote(name)}"


def show(session: CrmSession, query: Mapping[str, str]) -> PageFile:
    """Return the file that an address names. Raises NotFound."""
    number = query.get("article", "")
    if not number.isascii() or not number.isdigit() or len(number) > 12:
        raise NotFound(_("There is no such file."))
    article = article_numbered(session, int(number))
    found = file_named(session, article.id, query.get("name", ""))
    return PageFile(content=found.content, media_type=found.media_type, filename=found.name)


PAGES = [
    Page(
        name="knowledge.file",
        title=_("File of an article"),
        path="file",
        template="",
        context=show,
        permission="knowledge.article.read",
        menu=False,
    )
]
