"""The help centre: what anybody reads and finds, in which language, and what nobody without an account ever sees."""

from __future__ import annotations

import re
from uuid import UUID
from xml.etree import ElementTree

import pytest
from crmkit_knowledge.articles.models import Article, PublicText
from crmkit_knowledge.asked.models import Search, SearchClick
from crmkit_knowledge.helpful.figures import helpfulness
from crmkit_knowledge.helpful.models import View
from sqlalchemy import func, select
from starlette.testclient import TestClient

from tests.plugins.knowledge.base import Base


def browser(base: Base, language: str = "en") -> TestClient:
    """Return somebody with a browser."""
    return TestClient(
        base.crm.asgi(), base_url="http://localhost", headers={"Accept-Language": language}, follow_redirects=False
    )


def text(base: Base, path: str = "", language: str = "en") -> str:
    """Return a page of the help centre."""
    found = browser(base, language).get(f"/s/help/{path}")
    assert found.status_code == 200, found.text
    return found.text


def status(base: Base, path: str) -> int:
    """Return how an address of the help centre is answered."""
    return browser(base).get(f"/s/help/{path}").status_code


def translated(base: Base, article: UUID, title: str, body: str, language: str = "zh_Hans") -> UUID:
    """Return a translation that is published."""
    made = base.run("knowledge.article.translate", {"language": language}, target=article).id
    base.run("knowledge.article.revise", {"title": title, "body": body}, target=made)
    base.publish(made)
    return made


def test_anybody_reads_what_is_published_for_everybody(both: Base) -> None:
    """On the first page, in its space and category, at its address, in the feed and on the map."""
    both.run("knowledge.category.create", {"name": "returns", "title": "Returns"})
    both.run("knowledge.category.create", {"name": "far", "title": "From abroad", "parent": "returns"})
    both.published("Send it back", "Use the label.", category="far", summary="In three steps.")
    assert "Send it back" in text(both)
    assert '<a href="/s/help/in/help/returns">Returns</a> <span class="quietly">1</span>' in text(both)
    assert "From abroad" in text(both, "in/help/returns")
    assert "In three steps." in text(both, "in/help/far")
    page = text(both, "a/send-it-back")
    assert "Use the label." in page
    assert page.index("Returns</a>") < page.index("From abroad</a>") < page.index("<h1>")
    assert "/s/help/a/send-it-back" in text(both, "feed.xml")
    assert "/s/help/a/send-it-back" in text(both, "sitemap.xml")


@pytest.mark.parametrize("audience", ["internal", "customers", "role", "segment"])
def test_nobody_else_s_texts_are_seen(both: Base, audience: str) -> None:
    """Neither at their address nor on any page, in any search, in the feed or on the map."""
    if audience == "segment":
        both.run("segment.save", {"name": "vip", "title": "VIP", "where": "purchase.count >= 1"})
    names = {"role": ["manager"], "segment": ["vip"]}.get(audience, [])
    both.published("Door secrets", "Use the hidden lever.", audience=audience, audience_of=names)
    assert status(both, "a/door-secrets") == 404
    for path in ("", "in/help", "search?q=lever", "search?q=secrets", "feed.xml", "sitemap.xml"):
        found = browser(both).get(f"/s/help/{path}").text
        assert "Door secrets" not in found
        assert "door-secrets" not in found
        assert "hidden lever" not in found


def test_what_is_withdrawn_is_gone_at_once(both: Base) -> None:
    """From its address and from every search; and it is there again at once."""
    article = both.published("Send it back", "Use the label.")
    assert "Send it back" in text(both, "search?q=label")
    for operation, there in (("archive", False), ("bring_back", True)):
        both.run(f"knowledge.article.{operation}", target=article)
        assert (status(both, "a/send-it-back") == 200) is there
        assert ("Send it back" in text(both, "search?q=label")) is there
    both.run("knowledge.space.update", {"audience": "internal"}, target=space_id(both))
    assert status(both, "a/send-it-back") == 404
    both.run("knowledge.space.update", {"audience": "public"}, target=space_id(both))
    assert status(both, "a/send-it-back") == 200
    both.run("knowledge.article.update", {"audience": "internal"}, target=article)
    assert "Send it back" not in text(both, "search?q=label")


def space_id(base: Base) -> UUID:
    """Return the space."""
    from crmkit_knowledge.articles.models import Space

    with base.crm.session(base.actor()) as session:
        return session.scalars(select(Space.id)).one()


def test_a_draft_is_not_read(base: Base) -> None:
    """Whatever is being worked on, visitors read what is released."""
    article = base.published("Send it back", "Use the label.")
    base.run("knowledge.article.revise", {"title": "Keep it", "body": "No way."}, target=article)
    assert "Use the label." in text(base, "a/send-it-back")
    assert "Keep it" not in text(base)
    with base.crm.session(base.actor()) as session:
        assert [each.title for each in session.scalars(select(PublicText))] == ["Send it back"]


def test_everybody_reads_their_language(both: Base) -> None:
    """Pages name each text once, in the nearest language; one in another language says so, and leads to others."""
    article = both.published("Send it back", "Use the label.")
    both.published("Pay later", "Ask us.")
    translated(both, article, "退回商品", "请使用退货标签。")
    chinese = text(both, "", "zh-CN")
    assert "退回商品" in chinese
    assert "Send it back" not in chinese
    assert "Pay later" in chinese
    page = text(both, "a/pay-later", "zh-CN")
    assert "This text is not there in your language yet." in page
    assert '<html lang="en">' in page
    english = text(both, "a/send-it-back", "en")
    assert 'hreflang="zh-Hans" href="/s/help/a/send-it-back-zh-hans"' in english
    moved = browser(both).get("/s/help/a/send-it-back?lang=zh_Hans")
    assert (moved.status_code, moved.headers["location"]) == (307, "/s/help/a/send-it-back-zh-hans")


def test_simplified_words_find_traditional_texts(both: Base) -> None:
    """And what is found is marked."""
    article = both.published("Send it back", "Use the label.")
    translated(both, article, "退回商品", "請使用退貨標籤。", "zh_Hant")
    page = text(both, "search?q=退货标签", "zh-CN")
    assert "退回商品" in page
    assert "<mark>" in page


def test_a_search_without_hits_says_so(base: Base) -> None:
    """And search engines leave results alone."""
    page = text(base, "search?q=zzzz")
    assert "Nothing is found." in page
    assert '<meta name="robots" content="noindex">' in page


def test_texts_of_people_do_nothing(base: Base) -> None:
    """Titles, summaries and searches are shown as they are."""
    evil = "<script>alert(1)</script>"
    base.published(f"A {evil}", f"B {evil}", summary=f"C {evil}")
    for path in ("", "in/help", f"search?q={evil}", "a/a-script-alert-1-script"):
        assert "<script" not in text(base, path).lower()
    ElementTree.fromstring(text(base, "feed.xml"))


def test_a_file_is_handed_out_with_its_text(base: Base) -> None:
    """One that the text for visitors names; others of the article are not there for them."""
    article = base.write("Send it back", "Take [the form](file:form.txt).")
    for name in ("form.txt", "other.txt"):
        file = {"filename": name, "content": b"fill me in\n"}
        base.run("knowledge.article.attach", {"file": file}, target=article)
    assert status(base, "a/send-it-back/file/form.txt") == 404
    base.publish(article)
    found = browser(base).get("/s/help/a/send-it-back/file/form.txt")
    assert (found.status_code, found.content) == (200, b"fill me in\n")
    assert found.headers["content-disposition"].startswith("attachment")
    assert status(base, "a/send-it-back/file/other.txt") == 404


def test_addresses_that_are_none(base: Base) -> None:
    """Are answered kindly."""
    for path in ("a", "a/nothing", "in", "in/nothing", "in/help/nothing", "x/y", "sitemap-2.xml", "sitemap-0.xml"):
        assert status(base, path) == 404


def test_a_page_is_small_and_needs_no_script(base: Base) -> None:
    """Under 30 kB, and nothing in it runs."""
    for number in range(40):
        base.published(f"Text {number}", "Words. " * 20)
    page = text(base)
    assert len(page.encode()) < 30_000
    assert "<script" not in page


def test_a_text_is_shown_as_it_was_meant(base: Base) -> None:
    """Marks become what they mean; links lead to other texts and files; what is for colleagues is not there."""
    other = base.published("Pay later", "Ask us.")
    number = base.article(other).number
    base.published(
        "Send it back",
        f"## Label\n\nUse **it**, see [paying](article:{number}), [nothing](article:99), ![picture](file:a b.png).\n\n"
        ":::internal\nThe hidden lever is red.\n:::\n",
    )
    page = text(base, "a/send-it-back")
    for part in (
        '<h2 id="h-label">Label</h2>',
        "<strong>it</strong>",
        '<a href="/s/help/a/pay-later">paying</a>',
        "<a>nothing</a>",
    ):
        assert part in page, page
    for path in ("a/send-it-back", "search?q=hidden lever", "search?q=lever"):
        assert "lever is red" not in text(base, path)
    assert base.found("hidden lever", "sue") == ["Send it back"]


def test_a_visitor_says_whether_a_text_helped(both: Base) -> None:
    """Once for each text and day; whoever changes their mind says the other thing. Nobody else's word is counted."""
    article = both.published("Send it back", "Use the label.")
    visitor = browser(both)
    assert "Was this helpful?" in text(both, "a/send-it-back")
    said = visitor.post("/s/help/a/send-it-back", data={"helpful": "no", "reason": "unclear", "comment": "Which one?"})
    assert (said.status_code, said.headers["location"]) == (303, "/s/help/a/send-it-back?voted=1#helpful")
    assert "Thank you." in visitor.get(said.headers["location"]).text
    visitor.post("/s/help/a/send-it-back", data={"helpful": "yes"})
    with both.crm.session(both.actor()) as session:
        found = helpfulness(session, [session.get_one(Article, article)])[article].overall
    assert (found.yes, found.no) == (1, 0)
    assert visitor.post("/s/help/a/send-it-back", data={"helpful": "maybe"}).status_code == 422
    assert visitor.post("/s/help/a/nothing", data={"helpful": "yes"}).status_code == 404


def test_what_is_looked_for_and_read_is_counted(both: Base) -> None:
    """A search with what was opened of it, and a text once for each visit; machines are not."""
    both.published("Send it back", "Use the label.")
    visitor = browser(both)
    page = visitor.get("/s/help/search?q=label").text
    visitor.get(re.search(r'href="(/s/help/a/send-it-back\?from=[^"]+)"', page)[1])  # type: ignore[index]
    visitor.get("/s/help/a/send-it-back?from=nonsense.x")
    visitor.get("/s/help/a/send-it-back", headers={"User-Agent": "Somebot/1.0"})
    visitor.get("/s/help/search?q=zzzz")
    with both.crm.session(both.actor()) as session:
        searches = session.execute(select(Search.text, Search.hits).order_by(Search.hits)).all()
        assert searches == [("zzzz", 0), ("label", 1)]
        assert session.scalar(select(func.count()).select_from(SearchClick)) == 1
        assert session.scalar(select(func.sum(View.views))) == 1


def test_an_earlier_address_leads_on(both: Base) -> None:
    """For ever, to what is shown there now."""
    article = both.published("Send it back", "Use the label.")
    both.run("knowledge.article.update", {"slug": "returns"}, target=article)
    moved = browser(both).get("/s/help/a/send-it-back")
    assert (moved.status_code, moved.headers["location"]) == (308, "/s/help/a/returns")
    both.run("knowledge.article.archive", target=article)
    assert status(both, "a/send-it-back") == 404
