"""The pages of flows: what they show to whom, and that drawing works by their forms."""

from __future__ import annotations

from tests.plugins.journey.designer.conftest import Studio

HOSTILE = "<script>alert('x')</script>"
WHO = "Blue Kettle Ltd"


def test_a_flow_is_shown_drawn_with_its_counts(studio: Studio) -> None:
    studio.flow()
    studio.enter("care", WHO)
    assert "Care" in studio.text("")
    page = studio.text("/flow?flow=care")
    assert "Leave them alone" in page
    assert "1 came, 1 there" in page
    assert "1 came" in studio.text("/flow?flow=care&version=1")
    assert "flow-drawing" in studio.text("/flow?flow=care&version=draft&node=which")


def test_a_flow_is_drawn_by_forms_and_undone(studio: Studio) -> None:
    made = studio.run("journey.flow.create", name="fresh", title=HOSTILE).id
    for name, values in (
        ("set_wait", {"node": "pause", "span": "2 days", "after": "start"}),
        ("set_task", {"node": "ask", "task": "Ask", "after": "pause.next"}),
        ("set_goal", {"kinds": "call", "days": "10", "leave": "true"}),
    ):
        answer = studio.post("mia", f"journey.flow.{name}", made, **values)
        assert answer.status_code in (302, 303), (name, answer.text[:2000])
    page = studio.text("/flow?flow=fresh&node=ask")
    assert HOSTILE not in page
    assert "Undo" in page
    studio.post("mia", "journey.flow.publish", made)
    assert "All versions" in studio.text("/flow?flow=fresh")
    studio.post("mia", "journey.flow.undo", made)
    assert "Redo" in studio.text("/flow?flow=fresh&version=draft")
    studio.post("mia", "journey.flow.remove_node", made, node="ask")
    assert "nodes.ask" not in studio.text("/flow?flow=fresh&version=draft")


def test_faults_are_named_at_their_nodes(studio: Studio) -> None:
    document = {"start": "a", "nodes": {"a": {"type": "do", "operation": "no.such"}}}
    studio.run("journey.flow.create", name="broken", document=document)
    page = studio.text("/flow?flow=broken")
    assert "This leads nowhere" in page
    assert "There is no operation" in page


def test_a_passage_is_shown_with_its_steps_and_steered(studio: Studio) -> None:
    studio.flow()
    passage = studio.enter("care", WHO)
    page = studio.text(f"/passage?id={passage}")
    assert "Its turn" in page
    answer = studio.post("mia", "journey.passage.cancel", passage, why="They asked us to")
    assert answer.status_code in (302, 303), answer.text[:2000]
    assert "They asked us to" in studio.text(f"/passage?id={passage}")
    assert studio.text("/passage?id=none", status=404)
    assert "Nothing failed" in studio.text("/failed")
    assert studio.text("/flow?flow=none", status=404)
