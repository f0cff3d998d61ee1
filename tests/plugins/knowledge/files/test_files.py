"""Files of articles: put, replaced, taken away, and handed out to those who may read the article."""

from __future__ import annotations

import pytest
from crmkit_knowledge.files.operations import file_named, files_of

from crmkit import NotFound
from crmkit.errors import InvalidInput
from tests.plugins.knowledge.base import Base

TEXT = b"how to send it back\n"


def names(base: Base, article: object) -> list[str]:
    """Return the names of an article's files."""
    with base.crm.session(base.actor()) as session:
        return [each.name for each in files_of(session, article)]


def attach(base: Base, article: object, name: str = "guide.txt", content: bytes = TEXT, who: str = "") -> None:
    """Put a file to an article."""
    base.run("knowledge.article.attach", {"file": {"filename": name, "content": content}}, target=article, who=who)


def test_a_file_is_put_replaced_and_taken_away(both: Base) -> None:
    """It is known by its name; another one of the same name takes its place."""
    article = both.write()
    attach(both, article, "../guide.txt", who="sue")
    attach(both, article, "guide.txt", b"shorter\n", who="mia")
    assert names(both, article) == ["guide.txt"]
    with both.crm.session(both.actor("sue")) as session:
        assert file_named(session, article, "guide.txt").content == b"shorter\n"
    both.run("knowledge.article.detach", {"name": "guide.txt"}, target=article, who="sue")
    assert names(both, article) == []
    with pytest.raises(NotFound):
        both.run("knowledge.article.detach", {"name": "guide.txt"}, target=article)


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"MZ"), ("a.png", b"no picture"), ("a.txt", b""), ("a", b"x")])
def test_what_is_no_file_for_people_is_refused(base: Base, name: str, content: bytes) -> None:
    """By its name and by its content."""
    article = base.write()
    with pytest.raises(InvalidInput):
        attach(base, article, name, content)
    assert names(base, article) == []
