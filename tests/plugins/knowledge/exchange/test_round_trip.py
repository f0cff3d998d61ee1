"""A base that is written to a folder and read into an empty one is the same base."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.articles.models import Article, Category, Revision, Space
from crmkit_knowledge.exchange.beside import whole_folder
from crmkit_knowledge.exchange.frontmatter import joined, split
from crmkit_knowledge.exchange.reading import base_of, incoming
from crmkit_knowledge.exchange.writing import export_folder
from crmkit_knowledge.files.models import ArticleFile
from crmkit_knowledge.importing.taking import Taking
from hypothesis import example, given, strategies as st
from sqlalchemy import select

from crmkit import InvalidInput, Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.knowledge.base import Base

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def taken(crm: CRM, path: Path, **more: Any) -> Taking:
    """Import a folder, an archive or a file, and return how it went."""
    made = Taking(crm=crm, actor=crm.system("tests of knowledge"), source=path.stem, **more)
    found = list(incoming(path))
    made.prepare(base_of(path), found)
    made.take(found)
    return made


def everything(crm: CRM) -> list[Any]:
    """Return all that a base has to say, without ids."""
    with crm.session(crm.system("tests of knowledge")) as session:
        spaces = {each.id: each for each in session.scalars(select(Space))}
        categories = {each.id: each for each in session.scalars(select(Category))}
        articles = {each.id: each for each in session.scalars(select(Article).order_by(Article.number))}
        drafts = {(each.article_id, each.number): each for each in session.scalars(select(Revision))}
        files = sorted(
            (articles[each.article_id].number, each.name, each.content) for each in session.scalars(select(ArticleFile))
        )
        return [
            sorted((each.name, each.title, each.audience, each.language, each.four_eyes) for each in spaces.values()),
            sorted(
                (each.name, each.title, each.position, categories[each.parent_id].name if each.parent_id else "")
                for each in categories.values()
            ),
            [
                (
                    each.number,
                    drafts[each.id, each.newest].title,
                    drafts[each.id, each.newest].summary,
                    drafts[each.id, each.newest].body,
                    each.body,
                    each.kind,
                    each.language,
                    spaces[each.space_id].name,
                    categories[each.category_id].name if each.category_id else "",
                    each.audience,
                    list(each.audience_of),
                    list(each.tags),
                    each.slug,
                    each.state,
                    each.verify_on,
                    articles[each.translates_id].slug if each.translates_id else "",
                )
                for each in articles.values()
            ],
            files,
        ]


def fill(base: Base) -> None:
    """Give a base one of everything."""
    base.run("knowledge.category.create", {"name": "returns", "title": "退货", "position": 3})
    base.run("knowledge.category.create", {"name": "abroad", "title": "Abroad", "parent": "returns"})
    first = base.published(
        "Send it: back", "# Hi\r\n\r\n[a](article:1002)\n\n\n---\nx: y\n---\n", summary="It's\nfine", category="abroad"
    )
    base.run("knowledge.article.attach", {"file": {"filename": "label.png", "content": PNG}}, target=first)
    base.published(
        "退款流程", "三天内退款。", language="zh_Hans", tags=["no", "钱, Geld"], audience="customers", kind="faq"
    )
    translation = base.run("knowledge.article.translate", {"language": "zh_Hans"}, target=first).id
    base.publish(translation)
    base.run("knowledge.article.revise", {"body": "Newer."}, target=first)
    base.publish(first)
    gone = base.published("Gone", "Old.", space="help")
    base.run("knowledge.article.archive", target=gone)
    base.published("For managers", "Ours.", audience="role", audience_of=["manager"], space="help")
    base.run("knowledge.space.create", {"name": "desk", "title": "Desk", "four_eyes": False})
    base.write("A draft", " leading and trailing \n\n", space="desk", summary="x")


def enabled(crm: CRM) -> None:
    """Enable knowledge and nothing more."""
    crm.enable("knowledge")


@pytest.fixture
def empty(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A base with nothing in it."""
    (tmp_path / "other").mkdir()
    url, _nothing = templates.copy_filled("sqlite", tmp_path / "other", enabled)
    with CRM.open(Settings(database=url)) as crm:
        yield crm


def test_what_was_written_is_read_as_it_was(base: Base, empty: CRM, tmp_path: Path) -> None:
    fill(base)
    made = export_folder(base.crm, base.actor(), tmp_path / "out")
    assert (6, 1) == (made.articles, made.files)
    first = taken(empty, tmp_path / "out")
    assert [] == first.refused
    assert everything(base.crm) == everything(empty)
    again = taken(empty, tmp_path / "out")
    assert ({"unchanged": 6}, []) == (dict(again.became), again.refused)


def test_every_revision_can_be_written(base: Base, empty: CRM, tmp_path: Path) -> None:
    """With who wrote it and what became of it, beside its article; reading the folder makes no articles of them."""
    fill(base)
    with base.crm.session(base.actor()) as session:
        first = session.scalars(select(Article.id).order_by(Article.number)).first()
    base.run("knowledge.article.revise", {"body": "Being worked on.", "note": "Shorter"}, who="sue", target=first)
    made = export_folder(base.crm, base.actor(), tmp_path / "out", revisions=True)
    (folder,) = (tmp_path / "out").rglob("send-it-back.revisions")
    written = {each.stem: split(each.read_text("utf-8")) for each in folder.iterdir()}
    assert (["1", "2", "3"], 8) == (sorted(written), made.revisions)
    assert [written[each][0]["state"] for each in "123"] == ["superseded", "released", "draft"]
    assert ("sue", "Shorter") == (written["3"][0]["written_by"], written["3"][0]["note"])
    assert "Being worked on." in written["3"][1]
    assert {"created": 6} == dict(taken(empty, tmp_path / "out").became)


def test_a_base_takes_its_own_folder_back(base: Base, tmp_path: Path) -> None:
    """Nothing changes; what was mended in a file is taken over."""
    fill(base)
    export_folder(base.crm, base.actor(), tmp_path / "out")
    before = everything(base.crm)
    assert {"created", "updated"}.isdisjoint(+taken(base.crm, tmp_path / "out").became)
    assert before == everything(base.crm)
    file = next((tmp_path / "out").rglob("gone.md"))
    file.write_text(file.read_text("utf-8").replace("Old.", "New."), "utf-8")
    assert 1 == taken(base.crm, tmp_path / "out").became["updated"]


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    """What is interrupted leaves what was there before, and nothing beside it."""
    target = tmp_path / "out"

    def written(text: str, *, replace: bool = True, fail: bool = False) -> None:
        with whole_folder(target, mark="mark", replace=replace) as root:
            (root / "mark").write_text(text)
            if fail:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written("a", fail=True)
    assert [] == list(tmp_path.iterdir())
    written("b")
    with pytest.raises(KeyboardInterrupt):
        written("c", fail=True)
    with pytest.raises(InvalidInput):
        written("d", replace=False)
    assert ("b", [target]) == ((target / "mark").read_text(), list(tmp_path.iterdir()))
    written("e")
    assert ("e", [target]) == ((target / "mark").read_text(), list(tmp_path.iterdir()))
    (target / "mark").rename(target / "other")
    with pytest.raises(InvalidInput):
        written("f")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)


@given(
    st.dictionaries(NAMES, TEXT.filter(lambda each: each != "") | st.lists(TEXT, min_size=1, max_size=4), max_size=6),
    TEXT,
)
@example({"title": "Null"}, "")
@example({"title": "~", "tags": ["null", "no"]}, "---\n")
def test_what_stands_above_a_text_is_read_as_it_was(values: dict[str, Any], body: str) -> None:
    """Whatever signs there are in it."""
    assert split(joined(values, body)) == (values, body)


def test_dates_are_kept(base: Base, empty: CRM, tmp_path: Path) -> None:
    """By when an article is to be verified is not counted anew."""
    article = base.published()
    export_folder(base.crm, base.actor(), tmp_path / "out")
    file = next((tmp_path / "out").rglob("*.md"))
    text = file.read_text("utf-8")
    verify_on = base.article(article).verify_on
    file.write_text(text.replace(str(verify_on), "2031-02-03"), "utf-8")
    taken(empty, tmp_path / "out")
    with empty.session(empty.system("tests of knowledge")) as session:
        assert [date(2031, 2, 3)] == list(session.scalars(select(Article.verify_on)))
