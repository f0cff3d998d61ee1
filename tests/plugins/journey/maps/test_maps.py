"""Maps: drawn by operations, kept as revisions and files, and held against what customers did."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_journey.discovery.words import LogChoice
from crmkit_journey.maps.content import MapContent, Stage, Touchpoint, compared, content_of, document_of
from crmkit_journey.maps.errors import MapChanged
from crmkit_journey.maps.figures import conformance, figures
from crmkit_journey.maps.finding import content, map_named
from crmkit_journey.maps.shipped import SHIPPED
from hypothesis import given, strategies as st

from crmkit.errors import AlreadyExists, InvalidInput, NotFound, Refused
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.journey.base import Base
from tests.plugins.journey.designer.conftest import Studio, studio as _studio

crmkit, pristine, studio = _crmkit, _pristine, _studio

DOCUMENT: dict[str, Any] = {
    "stages": [
        {
            "name": "asking",
            "title": "Asking",
            "touchpoints": [{"name": "phone", "activities": ["call"], "emotion": -1}],
        },
        {
            "name": "buying",
            "title": "Buying",
            "touchpoints": [{"name": "order", "activities": ["purchase"], "measure": "purchase.count > 0"}],
        },
    ]
}


def shown(base: Base, name: str = "own") -> MapContent:
    """Return a map as it is now."""
    with base.crm.session(base.actor()) as session:
        return content(session, map_named(session, name))


POINTS = st.builds(
    Touchpoint,
    name=st.sampled_from("abc"),
    title=st.text("aé中 ", max_size=5),
    emotion=st.integers(-2, 2),
    activities=st.lists(st.sampled_from(["call", "visit"]), max_size=2),
)
STAGES = st.lists(
    st.builds(
        Stage,
        name=st.sampled_from("xyz"),
        touchpoints=st.lists(POINTS, max_size=3, unique_by=lambda each: each.name),
    ),
    max_size=3,
    unique_by=lambda each: each.name,
)


@given(STAGES)
def test_a_map_is_the_same_after_its_document(stages: list[Stage]) -> None:
    found = MapContent(stages=stages)
    assert content_of(document_of(found)) == found
    assert compared(found, found) == []


def test_each_fault_of_a_document_is_named_with_its_place() -> None:
    stage = {"name": "X", "touchpoints": [{"name": "a", "emotion": 3}, {"name": "a"}]}
    with pytest.raises(InvalidInput) as caught:
        content_of({"stages": [stage]})
    assert [each.field for each in caught.value.problems] == [
        "stages.0.name",
        "stages.0.touchpoints.1.name",
        "stages.0.touchpoints.0.emotion",
    ]


def test_a_map_is_drawn_stroke_by_stroke_and_restored(both: Base) -> None:
    made = both.run("journey.map.create", {"name": "own", "document": DOCUMENT}).id
    both.run("journey.map.put_stage", {"stage": "using", "title": "Using", "place": 2}, target=made)
    both.run("journey.map.put_touchpoint", {"stage": "using", "touchpoint": "visit", "channel": "on site"}, target=made)
    both.run("journey.map.put_touchpoint", {"stage": "using", "touchpoint": "visit", "emotion": 2}, target=made)
    assert [each.name for each in shown(both).stages] == ["asking", "using", "buying"]
    assert shown(both).stages[1].touchpoints[0].emotion == 2
    both.run("journey.map.put_stage", {"stage": "buying", "place": 1}, target=made)
    both.run("journey.map.remove_touchpoint", {"stage": "using", "touchpoint": "visit"}, target=made)
    both.run("journey.map.remove_stage", {"stage": "asking"}, target=made)
    assert [each.name for each in shown(both).stages] == ["buying", "using"]
    both.run("journey.map.restore", {"number": 1}, target=made)
    assert shown(both) == content_of(DOCUMENT)
    both.run("journey.map.update", {"title": "Mine", "among": "purchase.count > 0"}, target=made)
    assert shown(both).among == "purchase.count > 0"
    both.run("journey.map.delete", {}, target=made)
    with pytest.raises(NotFound):
        shown(both)


def test_what_there_is_not_is_refused(base: Base) -> None:
    made = base.run("journey.map.create", {"name": "own", "document": DOCUMENT}).id
    for name, given_ in (
        ("remove_stage", {"stage": "none"}),
        ("remove_touchpoint", {"stage": "asking", "touchpoint": "none"}),
        ("put_touchpoint", {"stage": "none", "touchpoint": "a"}),
        ("put_touchpoint", {"stage": "asking", "touchpoint": "a", "emotion": 5}),
    ):
        with pytest.raises(InvalidInput):
            base.run(f"journey.map.{name}", given_, target=made)
    with pytest.raises(AlreadyExists):
        base.run("journey.map.create", {"name": "own"})
    with pytest.raises(MapChanged):
        base.run("journey.map.save", {"document": DOCUMENT, "before": 9}, target=made)
    with pytest.raises(Refused):
        base.run("journey.map.put_stage", {"stage": "x"}, target=made, who="sam")


def test_what_differs_is_said_by_place() -> None:
    old = content_of(DOCUMENT)
    new = content_of({**DOCUMENT, "stages": [{**DOCUMENT["stages"][0], "title": "Begging"}]})
    places = [place for place, _before, _now in compared(old, new)]
    assert places[0] == "asking"
    assert "buying.order.measure" in places


def test_stages_are_counted_and_reality_held_against_them(both: Base) -> None:
    """Ada calls and buys, Bob buys and calls then, Cem visits: of five interactions three are explained."""
    both.run("journey.map.create", {"name": "own", "document": DOCUMENT})
    for who, kind in (("Ada", "call"), ("Bob", "purchase"), ("Cem", "visit")):
        both.happen(who, kind)
    both.after(days=2)
    for who, kind in (("Ada", "purchase"), ("Bob", "call")):
        both.happen(who, kind)
    with both.crm.session(both.actor()) as session:
        own = content(session, map_named(session, "own"))
        today = session.today()
        found = figures(session, own, today - timedelta(days=10), today)
        held = conformance(session, own, LogChoice(activity="kind"))
    assert [(each.customers, each.went_on, each.days) for each in found.stages] == [(2, 1, 2.0), (2, None, None)]
    assert found.shares == {("buying", "order"): pytest.approx(2 / 6)}
    assert (held.events, held.explained, held.cases, held.fitting) == (5, 3, 3, 1)
    assert {(each.wrong, each.what) for each in held.deviations} >= {("unexpected", ("visit",))}


def test_a_measure_that_cannot_be_used_spares_the_others(base: Base) -> None:
    document = {
        "stages": [{"name": "a", "touchpoints": [{"name": "x", "measure": "no.such > 1"}]}, *DOCUMENT["stages"]]
    }
    base.run("journey.map.create", {"name": "own", "document": document})
    with base.crm.session(base.actor()) as session:
        found = figures(session, content(session, map_named(session, "own")), session.today(), session.today())
    assert "no.such" in found.wrong["a", "x"]
    assert ("buying", "order") in found.shares


def test_those_that_come_along_are_installed_once_in_the_language_of_the_business(base: Base) -> None:
    assert base.run("journey.map.install") == [each.name for each in SHIPPED]
    assert base.run("journey.map.install") == []
    assert shown(base, "buying") == SHIPPED[0].english.content
    assert all(content_of(document_of(each.chinese.content)) for each in SHIPPED)


def test_the_pages_show_the_map_its_revisions_and_what_differs(studio: Studio) -> None:
    made = studio.run("journey.map.create", name="own", title="<b>Own</b>", document=DOCUMENT).id
    assert "&lt;b&gt;Own" in studio.text("/maps")
    page = studio.text("/maps/map?map=own&days=30")
    assert "Asking" in page
    assert "How customers feel" in page
    answer = studio.post("mia", "journey.map.put_stage", made, stage="after", title="Afterwards", place="0")
    assert answer.status_code in (302, 303), answer.text[:2000]
    assert "Afterwards" in studio.text("/maps/compare?map=own")
    assert "Revision 1" in studio.text("/maps/map?map=own&revision=1")
    assert studio.text("/maps/map?map=none", status=404)
    assert "put_stage" not in studio.text("/maps/map?map=own", "sam")


def test_the_report_counts_stages(base: Base) -> None:
    base.run("journey.map.create", {"name": "buying", "document": DOCUMENT})
    base.happen("Ada")
    from crmkit.engines.reports.running import run

    with base.crm.session(base.actor()) as session:
        found = run(session, "journey.map", {"map": "buying", "period": "this month"})
    assert [(row.key, row.cells[2].value) for row in found.rows] == [("asking", 1), ("buying", 0)]


def test_maps_are_kept_as_files(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("journey")
    assert len(crmkit.json("journey", "maps", "install")["items"]) == 2
    file = tmp_path / "buying.yaml"
    file.write_text(crmkit.ok("journey", "maps", "export", "buying").out)
    assert crmkit.json("journey", "maps", "apply", str(file))["items"] == []
    file.write_text(file.read_text().replace("emotion: 2", "emotion: -2"))
    (changed,) = crmkit.json("journey", "maps", "apply", str(file), "--dry-run")["items"]
    assert changed == {"place": "again.reorder.emotion", "before": "2", "now": "-2"}
    crmkit.ok("journey", "maps", "apply", str(file))
    listed = crmkit.json("journey", "maps", "list")["items"]
    assert {each["name"]: each["revision"] for each in listed} == {"buying": 2, "getting_help": 1}
    assert crmkit.json("journey", "maps", "check", "buying")["events"] == 0
    file.write_text("title: x")
    assert "needs a name" in crmkit("journey", "maps", "apply", str(file)).err
