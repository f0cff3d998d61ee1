"""The editor: previews save nothing, what was typed is never lost, and nobody writes over somebody else unseen."""

from __future__ import annotations

from uuid import UUID

from crmkit_knowledge.desk.models import Editing
from sqlalchemy import func, select

from tests.plugins.knowledge.desk.conftest import HOSTILE, Desk

KEEP = "knowledge.editing.keep"


def seen(desk: Desk, article: UUID) -> str:
    """Return what the form of the editor says that it was begun from."""
    page = desk.text(f"/edit?id={article}", "sue")
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_what_is_saved_is_the_draft(desk: Desk) -> None:
    article = desk.write(body="One.")
    answer = desk.post("sue", KEEP, article, title="New", body="Two.", seen=seen(desk, article), then="save")
    assert 303 == answer.status_code
    assert ("New", "Two.", desk.web.users["sue"]) == (
        desk.draft(article).title,
        desk.draft(article).body,
        desk.draft(article).author_id,
    )


def test_a_preview_saves_nothing_and_shows_what_was_typed(desk: Desk) -> None:
    article = desk.write(body="One.")
    desk.post("sue", KEEP, article, title="New", body="Quite another text", then="preview")
    assert "One." == desk.draft(article).body
    page = desk.text(f"/edit?id={article}", "sue")
    assert 2 == page.count("Quite another text")
    assert "Quite another text" not in desk.text(f"/edit?id={article}", "mia")
    assert "You have typed something that is not saved" in desk.text(f"/article?id={article}", "sue")


def test_saving_after_a_preview_forgets_what_was_kept(desk: Desk) -> None:
    article = desk.write(body="One.")
    desk.post("sue", KEEP, article, title="New", body="Two.", then="preview")
    desk.post("sue", KEEP, article, title="New", body="Two.", seen=seen(desk, article), then="save")
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        assert 0 == session.scalar(select(func.count()).select_from(Editing))


def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(desk: Desk) -> None:
    article = desk.write(body="One.\nTwo.")
    begun = seen(desk, article)
    desk.post("mia", KEEP, article, title="Theirs", body="One.\nChanged by Mia.", then="save")
    desk.post("sue", KEEP, article, title="Mine", body="One.\nChanged by Sue.", seen=begun, then="save")
    assert "Changed by Mia." in desk.draft(article).body
    page = desk.text(f"/edit?id={article}", "sue")
    assert "somebody else has changed it meanwhile" in page
    assert "<del>Mia</del>" in page
    assert "<ins>Sue</ins>" in page
    assert "Changed by Sue." in page
    desk.post("sue", KEEP, article, title="Mine", body="One.\nBoth.", seen=seen(desk, article), then="save")
    assert "One.\nBoth." == desk.draft(article).body


def test_what_was_begun_from_the_released_text_is_held_back_by_a_draft(desk: Desk) -> None:
    article = desk.publish(desk.write(body="One."))
    begun = seen(desk, article)
    desk.run("knowledge.article.revise", article, body="Two.")
    desk.post("sue", KEEP, article, title="Mine", body="Three.", seen=begun, then="save")
    assert "Two." == desk.draft(article).body


def test_who_wants_to_overwrites_all_the_same(desk: Desk) -> None:
    article = desk.write(body="One.")
    desk.post("sue", KEEP, article, title="Mine", body="Three.", seen="1.0", then="overwrite")
    assert "Three." == desk.draft(article).body


def test_what_is_refused_comes_back_with_what_was_typed(desk: Desk) -> None:
    article = desk.write(body="One.")
    desk.run("knowledge.article.submit", article)
    answer = desk.post("sue", KEEP, article, title="Mine", body="A long text that took an hour.", then="save")
    assert answer.status_code in (409, 422)
    assert "A long text that took an hour." in answer.text
    assert "waits for approval" in desk.text(f"/edit?id={article}", "sue")


def test_a_title_that_says_nothing_is_refused(desk: Desk) -> None:
    article = desk.write()
    answer = desk.post("sue", KEEP, article, title="  ", body="A long text.", then="save")
    assert 422 == answer.status_code
    assert "A long text." in answer.text


def test_discarding_forgets_what_was_typed(desk: Desk) -> None:
    article = desk.write(body="One.")
    desk.post("sue", KEEP, article, title="New", body="Two.", then="preview")
    desk.post("sue", "knowledge.editing.discard", article)
    assert "One." in desk.text(f"/edit?id={article}", "sue")
    assert "Two." not in desk.text(f"/edit?id={article}", "sue")


def test_a_new_article_is_written_in_the_editor(desk: Desk) -> None:
    answer = desk.post(
        "sue", "knowledge.editing.begin", None, next="/modules/knowledge/edit", title="Wash it", kind="how_to"
    )
    assert (303, "/modules/knowledge/edit") == (answer.status_code, answer.headers["location"])
    assert "Wash it" in desk.text("/edit", "sue")
    desk.text("/edit", "mia", status=404)


def test_a_preview_is_inert(desk: Desk) -> None:
    article = desk.write()
    desk.post("sue", KEEP, article, title=HOSTILE, body=f"</textarea>{HOSTILE}", note=f'"{HOSTILE}', then="preview")
    assert "<script>alert" not in desk.text(f"/edit?id={article}", "sue")


def test_who_may_not_write_keeps_nothing(desk: Desk) -> None:
    article = desk.write(body="One.")
    assert 403 == desk.post("ann", KEEP, article, title="New", body="Two.", then="preview").status_code
    assert 403 == desk.post("ann", KEEP, article, title="New", body="Two.", then="overwrite").status_code
    assert "One." == desk.draft(article).body
