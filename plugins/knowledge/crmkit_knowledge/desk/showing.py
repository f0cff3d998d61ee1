"""How a text in Markdown looks on the pages of colleagues: with what is for each audience, its files, and links to the
pages of other articles. Must not know what else stands on a page."""

from __future__ import annotations

from markupsafe import Markup

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.files.pages import address_of
from crmkit_knowledge.rendering import render
from crmkit_knowledge.rendering.markdown import address_in
from crmkit_knowledge.rendering.redirects import articles_named
from crmkit_knowledge.rendering.references import named_by


def looks(session: CrmSession, article: Article, text: str) -> Markup:
    """Return a text of an article as colleagues see it. What leads to an article that there is not, or that the reader
    does not see, is shown without a link."""

    def leads(address: str) -> str | None:
        kind, rest = address_in(address)
        if kind == "file":
            return _beside(address_of(article.number, rest))
        found = named_by(address) if kind == "article" else None
        to = articles_named(session, {found[1]}).get(found[1]) if found is not None else None
        return f"article?id={to}" if to is not None else None

    return render(text, resolve=leads).html


def _beside(path: str) -> str:
    """Return an address of a page of ours from another one of them, wherever these are mounted."""
    return path.rpartition("/")[2] if "?" not in path else path[path.rfind("/", 0, path.index("?")) + 1 :]
