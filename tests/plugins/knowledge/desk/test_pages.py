"""The pages of articles: what each of them shows to whom, and that texts on them are inert."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.plugins.knowledge.desk.conftest import HOSTILE, Desk


def test_the_home_has_the_tree_with_counts(desk: Desk) -> None:
    desk.publish(desk.write(category="returns"))
    desk.write("Only a draft", category="returns")
    page = desk.text("")
    assert "Help centre" in page
    assert 'Returns</a> <span class="muted">1</span>' in page


def test_the_home_has_what_waits_for_its_reader(desk: Desk) -> None:
    article = desk.web.crm.run(
        desk_actor(desk, "sue"), "knowledge.article.create", {"title": "Wash it", "body": "Cold."}
    )
    assert "Wash it" in desk.text("", "sue")
    assert "Wash it" not in desk.text("", "mia")
    desk.run("knowledge.article.submit", article.id)
    assert "Wash it" in desk.text("", "mia")


def desk_actor(desk: Desk, login: str) -> Any:
    from crmkit import Actor

    return Actor.user(desk.web.users[login])


def test_a_search_marks_its_words_and_counts_kinds(desk: Desk) -> None:
    desk.publish(desk.write("Send it back", "Print the label at home.", kind="faq"))
    desk.publish(desk.write("Stickers", "A label is no sticker."))
    page = desk.text("?text=label")
    assert "<mark>label</mark>" in page
    assert "Send it back" in page
    narrowed = desk.text("?text=label&kind=faq")
    assert "Send it back" in narrowed
    assert "Stickers" not in narrowed
    assert "Question and answer" in narrowed


def test_a_number_finds_its_article(desk: Desk) -> None:
    article = desk.article(desk.write("Wash it"))
    assert "Wash it" in desk.text(f"?text={article.number}")


def test_a_category_shows_what_is_below_it(desk: Desk) -> None:
    desk.run("knowledge.category.create", name="abroad", title="Abroad", parent="returns")
    desk.publish(desk.write("From Norway", category="abroad"))
    desk.publish(desk.write("Elsewhere"))
    page = desk.text("?category=returns")
    assert "From Norway" in page
    assert "Elsewhere" not in page


def test_the_page_of_an_article_shows_what_is_released(desk: Desk) -> None:
    article = desk.publish(desk.write(body="Use the label."))
    desk.run("knowledge.article.revise", article, body="Use the sticker.")
    page = desk.text(f"/article?id={article}")
    assert "Use the label." in page
    assert "Use the sticker." not in page
    assert "Use the sticker." in desk.text(f"/article?id={article}&revision=2")


@pytest.mark.parametrize("path", ["/article", "/edit", "/compare", "/blame"])
def test_an_article_that_there_is_not_has_no_page(desk: Desk, path: str) -> None:
    desk.text(f"{path}?id={uuid4()}", status=404)
    desk.text(f"{path}?id=nonsense", status=404)


BUTTONS = {
    "draft": ({"submit"}, {"submit"}, set[str]()),
    "in_review": ({"approve", "send_back"}, set[str](), set[str]()),
    "approved": ({"release", "send_back"}, set[str](), set[str]()),
    "released": ({"verify", "archive", "translate"}, {"translate"}, set[str]()),
    "archived": ({"bring_back", "translate"}, {"translate"}, set[str]()),
}
STEPS = ("submit", "approve", "release", "archive", "bring_back", "send_back", "verify", "translate", "follow")


@pytest.mark.parametrize("state", BUTTONS)
def test_there_are_buttons_for_what_a_reader_may_do_and_no_others(desk: Desk, state: str) -> None:
    """A manager approves and publishes, a service agent writes, an analyst reads."""
    article = desk.write()
    for name, step in (
        ("in_review", "submit"),
        ("approved", "approve"),
        ("released", "release"),
        ("archived", "archive"),
    ):
        if state == "draft":
            break
        desk.run(f"knowledge.article.{step}", article)
        if name == state:
            break
    for login, wanted in zip(("mia", "sue", "ann"), BUTTONS[state], strict=True):
        page = desk.text(f"/article?id={article}", login)
        assert wanted == {step for step in STEPS if f"/operations/knowledge.article.{step}?" in page}, login


def test_every_button_does_what_it_says(desk: Desk) -> None:
    article = desk.write()
    for step in ("submit", "approve", "release", "verify", "archive", "bring_back"):
        answer = desk.post("mia", f"knowledge.article.{step}", article)
        assert (step, 303) == (step, answer.status_code)
    assert "published" == desk.article(article).state


def test_nobody_approves_what_they_wrote_where_four_eyes_are_wanted(desk: Desk) -> None:
    """There is no button, and whoever sends the form all the same is refused."""
    made = desk.web.crm.run(desk_actor(desk, "mia"), "knowledge.article.create", {"title": "Mine", "body": "Text."})
    desk.run("knowledge.article.submit", made.id)
    page = desk.text(f"/article?id={made.id}")
    assert "/operations/knowledge.article.approve" not in page
    assert "somebody else has to approve it" in page
    answer = desk.post("mia", "knowledge.article.approve", made.id)
    assert answer.status_code != 303
    assert "in_review" == desk.draft(made.id).state


@pytest.mark.parametrize("step", ["approve", "release", "archive", "verify", "send_back"])
def test_who_has_no_right_is_refused_whatever_they_send(desk: Desk, step: str) -> None:
    article = desk.publish(desk.write())
    desk.run("knowledge.article.revise", article, body="New.")
    desk.run("knowledge.article.submit", article)
    answer = desk.post("sue", f"knowledge.article.{step}", article, answer="No.")
    assert answer.status_code in (403, 422)
    assert ("published", "in_review") == (desk.article(article).state, desk.draft(article).state)


def test_who_reads_has_no_editor(desk: Desk) -> None:
    desk.text(f"/edit?id={desk.write()}", "ann", status=404)


def test_an_article_for_other_roles_has_no_page(desk: Desk) -> None:
    article = desk.publish(desk.write("Prices we pay", audience="role", audience_of=["manager"]))
    for path in (f"/article?id={article}", f"/edit?id={article}", f"/compare?id={article}", f"/blame?id={article}"):
        desk.text(path, "sue", status=404)
    assert "Prices we pay" not in desk.text("", "sue")
    assert "Prices we pay" not in desk.text("?text=prices", "sue")
    assert "Prices we pay" in desk.text("?text=prices", "mia")


@pytest.fixture
def hostile(desk: Desk) -> UUID:
    """An article whose every text is a script."""
    desk.run("knowledge.space.create", name="bad", title=HOSTILE, description=HOSTILE)
    desk.run("knowledge.category.create", name="bad", title=HOSTILE, space="bad")
    article = desk.write(HOSTILE, HOSTILE, summary=HOSTILE, note=HOSTILE, space="bad", category="bad")
    desk.publish(article)
    desk.run("knowledge.article.verify", article, note=HOSTILE)
    desk.run("knowledge.article.revise", article, title=f"2 {HOSTILE}", body=f"{HOSTILE} more", note=HOSTILE)
    desk.run("knowledge.article.submit", article)
    return article


@pytest.mark.parametrize(
    "path",
    ["", "?text=alert", "?space=bad", "/review", "/verification?when=all", "/article?id=@", "/article?id=@&revision=2",
     "/compare?id=@&every=1", "/blame?id=@", "/edit?id=@"],
)  # fmt: skip
def test_texts_are_inert(desk: Desk, hostile: UUID, path: str) -> None:
    page = desk.text(path.replace("@", str(hostile)))
    assert "<script>alert" not in page
    assert "alert" in page


def test_what_is_asked_for_is_inert(desk: Desk) -> None:
    for name in ("text", "space", "category", "kind", "language", "state", "tag"):
        assert "<script>alert" not in desk.text(f"?{name}=<script>alert(1)</script>")


def test_two_revisions_stand_side_by_side(desk: Desk) -> None:
    article = desk.publish(desk.write(body="Use the label.\nSend it."))
    desk.run("knowledge.article.revise", article, body="Use the sticker.\nSend it.\nWait.")
    page = desk.text(f"/compare?id={article}")
    assert "<del>label</del>" in page
    assert "<ins>sticker</ins>" in page
    assert "<ins>Wait.</ins>" in page
    assert "The texts are the same" in desk.text(f"/compare?id={article}&a=1&b=1")


def test_each_line_says_with_which_revision_it_came(desk: Desk) -> None:
    article = desk.publish(desk.write(body="One.\nTwo."))
    desk.run("knowledge.article.revise", article, body="One.\nThree.")
    page = desk.text(f"/blame?id={article}")
    assert page.index("One.") < page.index("revision=2") < page.index("Three.")


def test_a_stale_translation_says_so(desk: Desk) -> None:
    source = desk.publish(desk.write())
    made = desk.run("knowledge.article.translate", source, language="zh_Hans")
    assert "This translation is stale" not in desk.text(f"/article?id={made.id}")
    desk.run("knowledge.article.revise", source, body="Otherwise.")
    desk.publish(source)
    page = desk.text(f"/article?id={made.id}")
    assert "This translation is stale" in page
    assert "/operations/knowledge.article.follow" in page
    assert "stale" in desk.text(f"/article?id={source}")


def test_an_earlier_revision_is_gone_back_to(desk: Desk) -> None:
    article = desk.publish(desk.write(body="One."))
    desk.run("knowledge.article.revise", article, body="Two.")
    desk.publish(article)
    assert 303 == desk.post("sue", "knowledge.article.restore", article, number="1").status_code
    assert ("One.", 3) == (desk.draft(article).body, desk.draft(article).number)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "?text=label",
        "/review",
        "/verification?when=all",
        "/article?id=@",
        "/compare?id=@",
        "/blame?id=@",
        "/edit?id=@",
    ],
)
def test_pages_are_there_in_chinese(desk: Desk, path: str) -> None:
    article = desk.publish(desk.write())
    desk.text(path.replace("@", str(article)), language="zh_Hans")


def test_related_articles_stand_beside_an_article(desk: Desk) -> None:
    article = desk.publish(desk.write(tags=["post"]))
    desk.publish(desk.write("Parcels", "Wrap it.", tags=["post"]))
    assert "Parcels" in desk.text(f"/article?id={article}")


def test_files_are_put_to_an_article_and_taken_away(desk: Desk) -> None:
    article = desk.write()
    place = f"/operations/knowledge.article.attach?target={article}&next=/modules/knowledge"
    client = desk.web.client("sue")
    assert 303 == client.post(place, files={"file": ("notes.txt", b"Some text.")}).status_code
    page = desk.text(f"/article?id={article}", "sue")
    assert "notes.txt" in page
    assert 'type="file"' not in desk.text(f"/article?id={article}", "ann")
    desk.post("sue", "knowledge.article.detach", article, name="notes.txt")
    assert "notes.txt" not in desk.text(f"/article?id={article}", "sue")


def test_an_article_begins_with_a_template_from_the_home(desk: Desk) -> None:
    assert "Add the templates that come along" in desk.text("")
    desk.run("knowledge.pattern.install")
    assert "pattern=troubleshooting&amp;kind=troubleshooting&amp;language=en" in desk.text("")
    desk.post("sue", "knowledge.editing.begin", None, title="Broken", kind="how_to", pattern="troubleshooting")
    assert "## Environment" in desk.text("/edit", "sue")


def test_tags_have_a_page(desk: Desk) -> None:
    desk.write(tags=[HOSTILE])
    desk.run("knowledge.tag.create", name="unused", aliases=[f"2{HOSTILE}"])
    page = desk.text("/tags")
    assert "<script>alert" not in page
    assert "unused" in page
    assert "/operations/knowledge.tag.merge" in page
    assert "/operations/knowledge.tag.merge" not in desk.text("/tags", "sue")
    assert "&lt;script&gt;alert" in page
    assert "unused" in desk.text("/tags?text=unused&unused=1", language="zh_Hans")
    assert "<script>alert" not in desk.text("/tags?text=<script>alert(1)</script>")


def test_links_between_articles_stand_on_both_pages(desk: Desk) -> None:
    other = desk.publish(desk.write("Parcels", "Wrap it."))
    number = desk.article(other).number
    article = desk.publish(desk.write("Send it back", f"See [parcels](article:{number}) and [none](article:9)."))
    desk.web.crm.worker().run_until_idle()
    page = desk.text(f"/article?id={article}")
    assert f'href="article?id={other}"' in page
    assert "It links to" in page
    assert "Others link to it" in desk.text(f"/article?id={other}")
    assert 200 == desk.web.client("mia").get(f"/modules/knowledge/article?id={other}").status_code


def test_a_file_in_a_text_is_shown(desk: Desk) -> None:
    article = desk.write(body="Take [the form](file:notes.txt).")
    place = f"/operations/knowledge.article.attach?target={article}&next=/modules/knowledge"
    client = desk.web.client("sue")
    client.post(place, files={"file": ("notes.txt", b"Some text.")})
    page = desk.text(f"/article?id={article}", "sue")
    number = desk.article(article).number
    assert f'href="file?article={number}&amp;name=notes.txt"' in page
    assert b"Some text." == client.get(f"/modules/knowledge/file?article={number}&name=notes.txt").content
