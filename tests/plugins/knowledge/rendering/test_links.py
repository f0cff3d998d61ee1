"""Links between articles: those that lead nowhere, those that lead here, and addresses that articles had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.rendering.redirects import article_at, shown_at
from crmkit_knowledge.rendering.references import broken_links, linked_from, links_to, named_by, orphans

from crmkit.core.store.actor import Actor
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.knowledge.base import Base

crmkit, pristine = _crmkit, _pristine


def read(base: Base, what: Callable[..., Any], *arguments: Any, actor: Any = None) -> Any:
    """Return what a function finds for the system."""
    with base.crm.session(actor or base.actor()) as session:
        return what(session, *arguments)


def visitor() -> Actor:
    """Return somebody who is not known."""
    return Actor.visitor(customer_id=None, rights=("knowledge.public_text.read",))


def broken(base: Base) -> list[tuple[str, str]]:
    """Return the addresses that lead nowhere, and why."""
    return [(each.address, each.why) for each in read(base, broken_links)]


def test_what_leads_nowhere_and_what_nothing_leads_to(both: Base) -> None:
    """A link to an article that comes later is mended by its coming; one that goes breaks it again."""
    first = both.published("First", "[a](article:1002) [b](second) [c](https://e.example) [d](#part)\n\n## Part")
    assert [("article:1002", "missing"), ("second", "missing")] == broken(both)
    second = both.write("Second")
    assert [("article:1002", "not_shown"), ("second", "not_shown")] == broken(both)
    both.publish(second)
    assert [] == broken(both)
    assert ["First"] == [each.title for each in read(both, orphans)]
    assert ["First"] == [each.title for each in read(both, linked_from, both.article(second))]
    assert ["Second"] == [each.title for each in read(both, links_to, both.article(first))]
    both.run("knowledge.article.archive", target=second)
    assert ["not_shown", "not_shown"] == [why for _address, why in broken(both)]


def test_links_are_those_of_the_released_text(base: Base) -> None:
    """A draft counts when it is released, and what was linked before counts no more."""
    article = base.published("First", "[a](nowhere) ![b](file:c.png) [e](#gone)")
    assert [("nowhere", "missing"), ("file:c.png", "file"), ("#gone", "anchor")] == broken(base)
    base.run("knowledge.article.revise", {"body": "Nothing."}, target=article)
    assert 3 == len(broken(base))
    base.publish(article)
    assert [] == broken(base)


def test_a_link_to_what_fewer_may_read_is_broken(base: Base) -> None:
    """Unless it stands in a part that is for those alone."""
    base.published("Inside", audience="internal")
    base.published("Outside", "[a](inside)")
    base.published("Both", "Hello.\n\n:::internal\n[a](article:1001)\n:::")
    assert [("inside", "narrower")] == broken(base)


def test_an_earlier_address_leads_to_the_article(both: Base) -> None:
    """As long as no other article stands there; a link by it is not broken, and visitors are led, too."""
    article = both.published("First")
    both.published("Second", "[a](first)")
    both.run("knowledge.article.update", {"slug": "number-one"}, target=article)
    assert article == read(both, article_at, "first").id
    assert "number-one" == read(both, shown_at, "first", actor=visitor())
    assert [] == broken(both)
    other = both.published("Other")
    both.run("knowledge.article.update", {"slug": "first"}, target=other)
    assert other == read(both, article_at, "first").id
    both.run("knowledge.article.update", {"slug": "first-of-all"}, target=other)
    assert other == read(both, article_at, "first").id
    both.run("knowledge.article.update", {"slug": "first"}, target=other)
    assert None is read(both, shown_at, "first")


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("article:1001", ("article", "1001")),
        ("article:send-it-back#part", ("article", "send-it-back")),
        ("../help/send-it-back.md", ("article", "send-it-back")),
        ("/s/help/a/send-it-back?x=1", ("article", "send-it-back")),
        ("file:a%20b.png", ("file", "a b.png")),
        ("#part", ("anchor", "part")),
        ("https://e.example/a", None),
        ("javascript:alert(1)", None),
        ("//e.example", None),
    ],
)
def test_what_an_address_means(address: str, meant: tuple[str, str] | None) -> None:
    """A number, a slug, or a path that ends with one."""
    assert meant == named_by(address)


def test_a_script_learns_of_broken_links(crmkit: Crmkit, tmp_path: Path) -> None:
    """By the exit code, and in JSON."""
    crmkit.has("knowledge")
    crmkit.ok("run", "knowledge.space.create", "name=help")
    file = tmp_path / "a.jsonl"
    file.write_text('{"id": "a", "title": "First", "body": "[a](nowhere)"}\n', "utf-8")
    crmkit.json("knowledge", "import", str(file))
    found = crmkit.json("knowledge", "links")
    assert [("nowhere", "missing")] == [(each["address"], each["why"]) for each in found["items"]]
    assert ["First"] == [each["title"] for each in found["orphans"]]
    assert 3 == crmkit("knowledge", "links", "--check").code
    assert 0 == crmkit("knowledge", "links").code
