"""Comments on records: who reads them, who is told, and what stays of what was said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_work.comments.models import Comment
from crmkit_work.comments.operations import MENTION
from crmkit_work.comments.pages import customer_panels
from crmkit_work.comments.reading import comments_of, is_followed
from crmkit_work.notices.reading import told
from hypothesis import given, strategies as st
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.plugins.work.staff import SYSTEM, customer, person, team, work


@frozen(kw_only=True)
class Room:
    """Two teams who see their own customers, and a customer of the first."""

    crm: CRM
    sam: Actor
    ann: Actor
    """In the team of sam."""
    kim: Actor
    """In the other team."""
    ada: UUID
    """A customer of sam's team."""

    @property
    def ref(self) -> str:
        """Return what the customer is called."""
        return f"customer:{self.ada}"


def fill(crm: CRM) -> dict[str, Any]:
    """Enable work, and add people who talk."""
    crm.enable("work")
    north, south = team(crm, "North"), team(crm, "South")
    return {
        "sam": person(crm, "sam", teams=[north]),
        "ann": person(crm, "ann", teams=[north]),
        "kim": person(crm, "kim", teams=[south]),
        "ada": customer(crm, team_id=north),
    }


@pytest.fixture(params=ENGINES)
def room(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Room]:
    """People who talk, once for each engine."""
    url, found = templates.copy_filled(request.param, tmp_path, fill)
    with CRM.open(url) as crm:
        yield Room(crm=crm, **found)


def say(room: Room, actor: Actor, text: str, ref: str = "") -> UUID:
    """Comment on the customer and let everybody be told; returns the comment's id."""
    found: UUID = room.crm.run(actor, "work.comment.add", {"ref": ref or room.ref, "text": text}).id
    work(room.crm)
    return found


def texts_of(room: Room, actor: Actor) -> list[str | None]:
    """Return what somebody reads about the customer."""
    with room.crm.session(actor) as session:
        return [each.text for each in comments_of(session, room.ref)]


def heard(room: Room, actor: Actor) -> list[str]:
    """Return what somebody was told, the newest first."""
    with room.crm.session(actor) as session:
        return [each.title for each in told(session, "en")]


def test_who_sees_the_record_reads_what_is_said_about_it(room: Room) -> None:
    """And nobody else, however they ask: by the page, by the panel, or by writing an answer."""
    comment = say(room, room.sam, "He prefers mornings")
    assert texts_of(room, room.ann) == ["He prefers mornings"]
    with room.crm.session(room.kim) as session:
        with pytest.raises(NotFound):
            comments_of(session, room.ref)
        assert [each.rows for each in customer_panels(session, [room.ada])] == [(("Comments", "0"),)]
        assert session.scalars(select(Comment)).all() == []
    for operation, values, target in (
        ("add", {"ref": room.ref, "text": "x"}, None),
        ("watch", {"ref": room.ref}, None),
        ("edit", {"comment_id": comment, "text": "x"}, None),
        ("remove", {"comment_id": comment}, None),
        ("rewrite", {"text": "x"}, comment),
        ("erase", {}, comment),
    ):
        with pytest.raises(NotFound):
            room.crm.run(room.kim, f"work.comment.{operation}", values, target=target)


def test_a_comment_is_sealed(room: Room) -> None:
    """What is said is in no table in plain, in no notice, and in no event."""
    say(room, room.sam, "The door code is 4711 @ann")
    with room.crm.engines.system_read.connect() as connection:
        for table in ("work_comment", "work_notice", "crm_event", "crm_audit"):
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "code is 4711" not in repr(found)


def test_who_reads_no_texts_reads_none_here(room: Room) -> None:
    """The right to texts counts as anywhere."""
    say(room, room.sam, "He prefers mornings")
    analyst = person(room.crm, "eve", "analyst")
    assert texts_of(room, analyst) == [None]


def test_who_is_mentioned_is_told_if_the_record_is_theirs_to_see(room: Room) -> None:
    """Whoever mentions somebody who may not see it is told so; the notice names nobody to who may not know them."""
    say(room, room.sam, "@ann @KIM have a look, and nobody@example.com, @missing")
    assert heard(room, room.ann) == ["Sam mentions you: Customer, Ada Lovelace"]
    assert heard(room, room.kim) == []
    assert heard(room, room.sam) == ["Mentioned, and not told, as the record is not for them to see: Kim"]


def test_followers_are_told_of_each_comment_once(room: Room) -> None:
    """Whoever has commented follows; who has lost sight of the record is told nothing more."""
    say(room, room.ann, "first")
    say(room, room.sam, "second @ann")
    say(room, room.sam, "third")
    assert heard(room, room.ann) == [
        "Sam has commented: Customer, Ada Lovelace",
        "Sam mentions you: Customer, Ada Lovelace",
    ]
    room.crm.run(SYSTEM, "customer.assign", {"team_id": team(room.crm, "East")}, target=room.ada)
    owner = person(room.crm, "joe", "admin")
    say(room, owner, "fourth")
    assert len(heard(room, room.ann)) == 2


def test_who_does_not_follow_any_more_is_told_nothing(room: Room) -> None:
    """Unless mentioned."""
    room.crm.run(room.ann, "work.comment.watch", {"ref": room.ref})
    with room.crm.session(room.ann) as session:
        assert is_followed(session, room.ref)
    room.crm.run(room.ann, "work.comment.unwatch", {"ref": room.ref})
    say(room, room.sam, "one")
    say(room, room.sam, "two @ann")
    assert heard(room, room.ann) == ["Sam mentions you: Customer, Ada Lovelace"]


def test_an_edit_keeps_what_was_said_before(room: Room) -> None:
    """Only who is mentioned anew is told."""
    comment = say(room, room.sam, "first @ann")
    other = person(room.crm, "joe", "admin")
    room.crm.run(room.sam, "work.comment.edit", {"comment_id": comment, "text": "second @ann @joe"})
    room.crm.run(room.sam, "work.comment.edit", {"comment_id": comment, "text": "third @ann @joe"})
    work(room.crm)
    with room.crm.session(room.ann) as session:
        (found,) = comments_of(session, room.ref)
    assert (found.text, [each.text for each in found.versions]) == (
        "third @ann @joe",
        ["first @ann", "second @ann @joe"],
    )
    assert (len(heard(room, room.ann)), len(heard(room, other))) == (1, 1)


def test_only_who_has_said_it_changes_it(room: Room) -> None:
    """Also an administrator does not put words into others' mouths."""
    comment = say(room, room.sam, "mine")
    for actor in (room.ann, person(room.crm, "joe", "admin")):
        for operation, values in (("edit", {"text": "x"}), ("remove", {})):
            with pytest.raises(Refused):
                room.crm.run(actor, f"work.comment.{operation}", {"comment_id": comment, **values})
    assert texts_of(room, room.sam) == ["mine"]


def test_what_was_removed_is_gone(room: Room) -> None:
    """With what it said before; that there was something stays, and it is not edited any more."""
    comment = say(room, room.sam, "first")
    room.crm.run(room.sam, "work.comment.edit", {"comment_id": comment, "text": "second"})
    room.crm.run(room.sam, "work.comment.remove", {"comment_id": comment})
    work(room.crm)
    with room.crm.session(room.sam) as session:
        (found,) = comments_of(session, room.ref)
    assert (found.text, found.versions, found.removed_at is not None) == (None, (), True)
    with pytest.raises(Conflict):
        room.crm.run(room.sam, "work.comment.edit", {"comment_id": comment, "text": "third"})


def test_a_merge_takes_the_discussion_along(room: Room) -> None:
    """It is then said about whom the customers are."""
    say(room, room.sam, "about Ada")
    other = customer(room.crm, "Ada King", team_id=None)
    room.crm.run(SYSTEM, "work.comment.add", {"ref": f"customer:{other}", "text": "about the other"})
    room.crm.run(SYSTEM, "customer.merge", {"absorb": room.ada}, target=other)
    with room.crm.session(SYSTEM) as session:
        found = [each.text for each in comments_of(session, f"customer:{other}")]
    assert found == ["about Ada", "about the other"]


def test_other_records_are_talked_about_too(room: Room) -> None:
    """A task, by who sees it."""
    task = room.crm.run(room.sam, "work.task.create", {"title": "Call"})
    say(room, room.sam, "done? @kim", ref=f"work.task:{task.id}")
    with room.crm.session(room.kim) as session, pytest.raises(NotFound):
        comments_of(session, f"work.task:{task.id}")
    assert heard(room, room.kim) == []


def test_nothing_is_no_comment(room: Room) -> None:
    """Nor is a reference that names nothing."""
    for values, expected in (
        ({"ref": room.ref, "text": "  "}, InvalidInput),
        ({"ref": "nothing", "text": "x"}, InvalidInput),
        ({"ref": f"crm_user:{room.ada}", "text": "x"}, NotFound),
        ({"ref": f"customer:{UUID(int=3)}", "text": "x"}, NotFound),
        ({"ref": room.ref, "text": " ".join(f"@u{number}" for number in range(60))}, InvalidInput),
    ):
        with pytest.raises(expected):
            room.crm.run(room.sam, "work.comment.add", values)


@given(st.from_regex(r"[a-z][a-z0-9._-]{0,20}[a-z0-9]", fullmatch=True))
def test_a_mention_is_a_login_after_a_sign(login: str) -> None:
    """At the beginning, in brackets, before a comma; in an address it mentions nobody."""
    assert MENTION.findall(f"@{login}, (@{login}) and mail@{login}") == [login, login]
