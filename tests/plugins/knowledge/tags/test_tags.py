"""Tags: who adds them, what a name means, and that articles follow when tags are renamed and merged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_knowledge.articles.finding import article_numbered
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.tags.errors import TagInUse
from crmkit_knowledge.tags.finding import counts_of, key_of, known_tags, tag_named
from crmkit_knowledge.tags.models import ArticleTag, Tag
from hypothesis import given, strategies as st
from sqlalchemy import select

from crmkit import InvalidInput
from crmkit.errors import AlreadyExists, Refused
from tests.plugins.knowledge.base import Base


def tag(base: Base, name: str, **values: Any) -> UUID:
    """Add a tag."""
    return base.run("knowledge.tag.create", {"name": name, **values}).id


def id_of(base: Base, name: str) -> UUID:
    """Return the tag that a name means."""
    with base.crm.session(base.actor()) as session:
        found = tag_named(session, name)
        assert found is not None
        return found.id


def tags_of(base: Base, article: UUID) -> list[str]:
    """Return the tags of an article, by its names and by its rows, which have to agree."""
    with base.crm.session(base.actor()) as session:
        names = list(session.get_one(Article, article).tags)
        query = select(Tag.name).join(ArticleTag, ArticleTag.tag_id == Tag.id).where(ArticleTag.article_id == article)
        assert sorted(names) == sorted(session.scalars(query))
        return names


def test_who_may_adds_tags_on_the_fly(both: Base) -> None:
    article = both.write(tags=["Label", "shipping"], who="mia")
    assert ["Label", "shipping"] == tags_of(both, article)


def test_who_may_not_uses_those_there_are(base: Base) -> None:
    tag(base, "label")
    assert ["label"] == tags_of(base, base.write(tags=["LABEL"], who="sue"))
    with pytest.raises(InvalidInput, match="sticker"):
        base.write(tags=["sticker"], who="sue")


@pytest.mark.parametrize("said", ["Label", " label ", "LABEL", "ｌａｂｅｌ"])
def test_a_name_is_known_however_it_is_written(base: Base, said: str) -> None:
    tag(base, "label")
    assert ["label"] == tags_of(base, base.write(tags=[said, "label"]))


def test_an_alias_means_its_tag(base: Base) -> None:
    tag(base, "return", aliases=["退货", "send back"])
    assert ["return"] == tags_of(base, base.write(tags=["退货", "Send  back"], who="sue"))


def test_changing_an_article_changes_its_tags(base: Base) -> None:
    article = base.write(tags=["one", "two"])
    base.run("knowledge.article.update", {"tags": ["two", "three"]}, target=article)
    assert ["two", "three"] == tags_of(base, article)
    base.run("knowledge.article.update", {"tags": []}, target=article)
    assert [] == tags_of(base, article)


def test_a_translation_has_the_tags_of_its_source(base: Base) -> None:
    made = base.run("knowledge.article.translate", {"language": "zh_Hans"}, target=base.published(tags=["one"]))
    assert ["one"] == tags_of(base, made.id)


def test_articles_follow_a_tag_that_is_renamed(both: Base) -> None:
    article = both.write(tags=["lable", "other"])
    both.run("knowledge.policy.create", {"name": "p", "tag": "lable"})
    both.run("knowledge.tag.rename", {"name": "label"}, target=id_of(both, "lable"))
    assert ["label", "other"] == tags_of(both, article)
    assert ["label"] == tags_of(both, both.write(tags=["lable"], who="sue"))
    from crmkit_knowledge.policies.models import Policy

    with both.crm.session(both.actor()) as session:
        assert "label" == session.scalar(select(Policy.tag))


def test_a_tag_gets_its_old_name_back(base: Base) -> None:
    article = base.write(tags=["one"])
    for name in ("two", "one", "ONE"):
        base.run("knowledge.tag.rename", {"name": name}, target=id_of(base, "one"))
        assert [name] == tags_of(base, article)


def test_articles_follow_a_tag_that_is_merged(both: Base) -> None:
    first, second = both.write(tags=["label"]), both.write(tags=["sticker", "label", "post"])
    third = both.write(tags=["sticker"])
    both.run("knowledge.tag.merge", {"into": "label"}, target=id_of(both, "sticker"))
    assert [["label"], ["label", "post"], ["label"]] == [tags_of(both, each) for each in (first, second, third)]
    assert ["label"] == tags_of(both, both.write(tags=["Sticker"], who="sue"))


def test_what_was_merged_is_merged_on(base: Base) -> None:
    article = base.write(tags=["one"])
    for name in ("two", "three"):
        tag(base, name)
    tag(base, "also", aliases=["more"])
    base.run("knowledge.tag.merge", {"into": "two"}, target=id_of(base, "one"))
    base.run("knowledge.tag.merge", {"into": "two"}, target=id_of(base, "also"))
    base.run("knowledge.tag.merge", {"into": "three"}, target=id_of(base, "two"))
    assert ["three"] == tags_of(base, article)
    for name in ("one", "two", "also", "more"):
        assert ["three"] == tags_of(base, base.write(tags=[name], who="sue"))


def test_articles_that_the_merger_does_not_see_follow_too(base: Base) -> None:
    hidden = base.write(tags=["sticker"], audience="role", audience_of=["analyst"])
    tag(base, "label")
    base.run("knowledge.tag.merge", {"into": "label"}, target=id_of(base, "sticker"), who="mia")
    base.crm.worker().run_until_idle()
    assert ["label"] == tags_of(base, hidden)


def test_a_tag_is_not_merged_into_itself_or_nothing_or_twice(base: Base) -> None:
    one, _two = tag(base, "one", aliases=["uno"]), tag(base, "two")
    for into in ("one", "uno", "nothing"):
        with pytest.raises(InvalidInput):
            base.run("knowledge.tag.merge", {"into": into}, target=one)
    base.run("knowledge.tag.merge", {"into": "two"}, target=one)
    for name, values in (("merge", {"into": "two"}), ("rename", {"name": "three"})):
        with pytest.raises(InvalidInput):
            base.run(f"knowledge.tag.{name}", values, target=one)


def test_a_name_means_one_tag(base: Base) -> None:
    tag(base, "one", aliases=["uno"])
    for name in ("ONE", "Uno"):
        with pytest.raises(AlreadyExists):
            tag(base, name)
    with pytest.raises(AlreadyExists):
        tag(base, "two", aliases=["one"])
    with pytest.raises(InvalidInput):
        tag(base, "  ")


def test_aliases_are_exchanged(base: Base) -> None:
    one = tag(base, "one", aliases=["uno"])
    base.run("knowledge.tag.update", {"aliases": ["eins"], "title": "One"}, target=one)
    tag(base, "uno")
    with base.crm.session(base.actor()) as session:
        assert ["one", "uno"] == known_tags(session, ["EINS", "uno"], add=False)


def test_a_tag_that_articles_have_is_not_deleted(base: Base) -> None:
    base.write(tags=["one"])
    with pytest.raises(TagInUse):
        base.run("knowledge.tag.delete", target=id_of(base, "one"))
    base.run("knowledge.tag.delete", target=tag(base, "two"))


def test_what_nothing_has_is_cleared(both: Base) -> None:
    both.write(tags=["used", "old"])
    for name in ("unused", "named", "target"):
        tag(both, name)
    both.run("knowledge.policy.create", {"name": "p", "tag": "named"})
    both.run("knowledge.tag.merge", {"into": "target"}, target=tag(both, "merged"))
    assert 1 == both.run("knowledge.tag.clear")
    with both.crm.session(both.actor()) as session:
        assert {"used", "old", "named", "target", "merged"} == set(session.scalars(select(Tag.name)))


def test_counts_are_of_what_the_reader_sees(base: Base) -> None:
    base.write(tags=["one"])
    base.write(tags=["one"], audience="role", audience_of=["analyst"])
    for who, count in (("", 2), ("sue", 1)):
        with base.crm.session(base.actor(who)) as session:
            assert [count] == list(counts_of(session).values())


@pytest.mark.parametrize("name", ["create", "rename", "merge", "delete", "update", "clear"])
def test_who_may_not_manage_governs_nothing(base: Base, name: str) -> None:
    one = tag(base, "one")
    inputs = {"create": {"name": "two"}, "rename": {"name": "two"}, "merge": {"into": "two"}}.get(name, {})
    with pytest.raises(Refused):
        base.run(f"knowledge.tag.{name}", inputs, target=None if name in ("create", "clear") else one, who="sue")


def test_only_the_framework_has_articles_follow(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.tag.follow", {"before": "x"}, target=tag(base, "one"), who="mia")


def test_what_is_taken_over_brings_its_tags(base: Base) -> None:
    taken = base.run(
        "knowledge.article.import",
        {"source": "old", "external_id": "1", "title": "One", "body": "Text.", "tags": ["brought"]},
        who="mia",
    )
    with base.crm.session(base.actor()) as session:
        assert ["brought"] == article_numbered(session, taken.number).tags


@given(st.text(max_size=40))
def test_a_name_is_compared_the_same_however_often(name: str) -> None:
    assert key_of(key_of(name)) == key_of(name)
    assert key_of(f" {name} ") == key_of(name)
