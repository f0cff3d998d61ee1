"""What everybody may read as a folder of pages: without scripts, search and cookies, to be put on any web server.

It reads what a visitor of the help centre reads, by a visitor's rights. Must not know drafts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from attrs import define
from sqlalchemy import func, select

from crmkit import CRM, Actor, CrmSession
from crmkit_knowledge.articles.models import PublicText, Space
from crmkit_knowledge.centre.feeds import feed, sitemap
from crmkit_knowledge.centre.finding import Shelf, languages_of, newest, shelves, spaces_of, texts_in, way_to
from crmkit_knowledge.exchange.beside import put, whole_folder
from crmkit_knowledge.exchange.look import STYLE, Frame, linked, listed, page, section
from crmkit_knowledge.files.models import ArticleFile
from crmkit_knowledge.rendering.audiences import EVERYBODY
from crmkit_knowledge.rendering.markdown import address_in, render
from crmkit_knowledge.rendering.redirects import shown_at
from crmkit_knowledge.rendering.references import named_by

MARK = "style.css"
BATCH = 100
LANGUAGES = ("en", "zh_Hans")
"""Those that the frame speaks."""
RIGHTS = ("knowledge.public_text.read", "knowledge.space.read", "knowledge.category.read")


@define(kw_only=True)
class Site:
    """What was written."""

    pages: int = 0
    files: int = 0


def write_site(
    crm: CRM,
    target: Path,
    *,
    address: str = "",
    replace: bool = False,
    done: Callable[[int, int], None] = lambda number, of: None,
) -> Site:
    """Write the pages of the help centre as a folder and return how many there are. ``address`` is where they will
    stand; without it there is neither a map nor a feed, which name pages in full. ``done`` is told how many of how many
    texts are written.

    Raises InvalidInput for a folder that has something in it.
    """
    made = Site()
    base = address.rstrip("/")
    visitor = Actor.visitor(customer_id=None, rights=RIGHTS)
    with whole_folder(target, mark=MARK, replace=replace) as root:
        put(root, MARK, STYLE.encode())
        with crm.session(visitor) as session:
            name = session.business().name or "crmkit"
            first = session.business().language
            shown = [language for language in LANGUAGES if language != first]
            order = [first if first in LANGUAGES else "en", *shown]
            for language in dict.fromkeys(order):
                made.pages += _lists(session, root, Frame(business=name, language=language, languages=LANGUAGES))
            first_page = (root / order[0] / "index.html").read_text("utf-8")
            # The same page one step above: its addresses begin with the language.
            first_page = first_page.replace('href="in/', f'href="{order[0]}/in/').replace('href="../', 'href="')
            _put(root, "index.html", first_page)
            made.pages += 1
            if base:
                found = newest(session, order[0])
                put(root, "feed.xml", feed(found, title=name, at=lambda path: _absolute(base, path)))
        pages = _texts(crm, visitor, root, name, made, done)
        if base:
            put(root, "sitemap.xml", sitemap([("", None), *pages], at=lambda path: _absolute(base, path)))
    return made


def _lists(session: CrmSession, root: Path, frame: Frame) -> int:
    """Write the first page in a language, and one for each space and category."""
    written = 0
    home = []
    for space in spaces_of(session):
        tree, without = shelves(session, space, texts_in(session, space, frame.language))
        if not tree and not without:
            continue
        inside = f"in/{space.name}"
        home.append(
            section(linked(f"{inside}.html", space.title), _shelves(tree, f"{inside}-"), _titles(without, "../"))
        )
        body = section("", _shelves(tree, f"{space.name}-"), _titles(without, "../../"))
        way = [("../index.html", frame.text("Help"))]
        _put(root, f"{frame.language}/{inside}.html", page(frame, space.title, body, up="../../", way=way))
        written += 1 + _below(root, frame, space, tree, [*way, (f"{space.name}.html", space.title)])
    body = section("", *home)
    _put(root, f"{frame.language}/index.html", page(frame, frame.text("Help"), body, up="../", way=()))
    return written + 1


def _below(root: Path, frame: Frame, space: Space, tree: Sequence[Shelf], way: list[tuple[str, str]]) -> int:
    written = 0
    for shelf in tree:
        name = f"{space.name}-{shelf.category.name}.html"
        body = section("", _shelves(shelf.below, f"{space.name}-"), _titles(shelf.texts, "../../"))
        title = shelf.category.title
        _put(root, f"{frame.language}/in/{name}", page(frame, title, body, up="../../", way=way))
        written += 1 + _below(root, frame, space, shelf.below, [*way, (name, title)])
    return written


def _shelves(tree: Sequence[Shelf], before: str) -> str:
    return listed([(f"{before}{each.category.name}.html", f"{each.category.title} ({each.number})") for each in tree])


def _titles(found: Sequence[PublicText], up: str) -> str:
    return listed([(f"{up}a/{quote(each.slug)}.html", each.title) for each in found])


def _texts(
    crm: CRM, visitor: Actor, root: Path, name: str, made: Site, done: Callable[[int, int], None]
) -> list[tuple[str, object]]:
    pages: list[tuple[str, object]] = []
    last = 0
    while True:
        with crm.session(visitor) as session:
            total = session.scalar(select(func.count()).select_from(PublicText)) or 0
            query = select(PublicText).where(PublicText.number > last).order_by(PublicText.number).limit(BATCH)
            texts = session.scalars(query).all()
            if not texts:
                return pages
            spaces = {each.id: each for each in spaces_of(session)}
            for text in texts:
                wanted = _text(session, root, name, text, spaces)
                made.pages += 1
                made.files += _files(crm, root, text, wanted)
                pages.append((f"a/{quote(text.slug)}.html", text.released_at))
            last = texts[-1].number
        done(len(pages), total)


def _text(session: CrmSession, root: Path, name: str, text: PublicText, spaces: Mapping[UUID, Space]) -> set[str]:
    """Write the page of a text and return the names of the files that it shows or offers."""
    wanted: set[str] = set()

    def leads(address: str) -> str | None:
        kind, rest = address_in(address)
        if kind == "file":
            wanted.add(rest)
            return f"../files/{text.number}/{quote(rest)}"
        meant = named_by(address)
        if meant is None or meant[0] != "article":
            return None
        query = select(PublicText.slug)
        number = int(meant[1]) if meant[1].isascii() and meant[1].isdigit() else None
        found = session.scalar(
            query.where(PublicText.number == number) if number is not None else query.where(PublicText.slug == meant[1])
        ) or shown_at(session, meant[1])
        return f"{quote(found)}.html" if found else None

    language = text.language if text.language in LANGUAGES else "en"
    frame = Frame(business=name, language=language, languages=(), spoken=text.language)
    below = f"../{language}/"
    way = [(f"{below}index.html", frame.text("Help"))]
    space = spaces.get(text.space_id)
    if space is not None:
        way.append((f"{below}in/{space.name}.html", space.title))
        way += [(f"{below}in/{space.name}-{each.name}.html", each.title) for each in way_to(session, text.category_id)]
    others = [
        (f"{quote(slug)}.html", spoken) for spoken, slug in languages_of(session, text).items() if slug != text.slug
    ]
    body = render(text.body, resolve=leads, reader=EVERYBODY).html
    _put(
        root,
        f"a/{text.slug}.html",
        page(
            frame, text.title, body, up="../", way=way, summary=text.summary or "", others=others, at=text.released_at
        ),
    )
    return wanted


def _files(crm: CRM, root: Path, text: PublicText, wanted: set[str]) -> int:
    """Write the files that a text shows; a visitor has no right to those of an article, so these alone are read."""
    if not wanted:
        return 0
    with crm.session(Actor.system("files of public texts")) as session:
        query = select(ArticleFile).where(ArticleFile.article_id == text.article_id, ArticleFile.name.in_(wanted))
        found = session.scalars(query).all()
        for each in found:
            put(root, f"files/{text.number}/{each.name}", each.content)
        return len(found)


def _put(root: Path, name: str, text: str) -> None:
    put(root, name, text.encode("utf-8", "replace"))


def _absolute(base: str, path: str) -> str:
    # The feed names texts as the help centre has them, the map as they are written here.
    if not path or path.endswith((".html", ".xml")):
        return f"{base}/{path}"
    return f"{base}/{quote(path)}.html"
