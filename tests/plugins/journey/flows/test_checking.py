"""Flows are checked by their shape, and read from and written to files."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_journey.flows.checking import check
from crmkit_journey.flows.documents import document_of, flow_of, span_of
from crmkit_journey.flows.files import difference, file_of, read_file
from hypothesis import given, strategies as st

from crmkit.errors import InvalidInput

GOAL = {"kinds": ["purchase"]}
END = {"type": "exit"}


def found(nodes: dict[str, Any], start: str = "a", **more: Any) -> list[str]:
    """Return the faults of a flow, with their places."""
    flow = flow_of({"start": start, "nodes": nodes, "goal": GOAL, **more})
    return [f"{each.level} {each.place}: {each.text}" for each in check(flow)]


def test_a_sound_flow_has_no_faults() -> None:
    assert found({"a": {"type": "wait", "span": "1 day", "next": "z"}, "z": END}) == []


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"a": {"type": "wait", "span": "1 day"}}, "error nodes.a.next: This leads nowhere"),
        ({"a": {"type": "wait", "span": "1 day", "next": "b"}}, "error nodes.a.next: There is no node"),
        ({"a": END, "b": END}, "error nodes.b: No way leads here"),
        ({"a": {"type": "wait", "span": "1 dya", "next": "z"}, "z": END}, "error nodes.a.span"),
        (
            {"a": {"type": "wait", "span": "1 day", "hours": "9-18", "next": "z"}, "z": END},
            "error nodes.a: It waits for",
        ),
        ({"a": {"type": "wait", "kinds": ["call"], "next": "z"}, "z": END}, "warning nodes.a.timeout: Whoever never"),
        ({"a": {"type": "wait", "hours": "18-9", "next": "z"}, "z": END}, "error nodes.a.hours"),
        ({"a": {"type": "wait", "days": [8], "next": "z"}, "z": END}, "error nodes.a.days"),
        (
            {"a": {"type": "wait", "span": "1 day", "next": "b"}, "b": {"type": "wait", "span": "1 day", "next": "a"}},
            "error nodes.a: This goes round for ever",
        ),
        (
            {
                "a": {"type": "branch", "cases": [{"when": "true", "next": "b"}], "otherwise": "z"},
                "b": {"type": "do", "operation": "x.y", "next": "a"},
                "z": END,
            },
            "error nodes.a: This can go round without ever waiting",
        ),
        (
            {"a": {"type": "split", "arms": [{"name": "x", "share": 0.7, "next": "z"}] * 2}, "z": END},
            "error nodes.a.arms: Two ways have the same name",
        ),
        ({"a": {"type": "branch", "otherwise": "z"}, "z": END}, "error nodes.a.cases"),
        ({"a": {"type": "message", "template": "", "next": "z"}, "z": END}, "error nodes.a.template"),
        ({"a": {"type": "jump", "to": "a", "most": 0, "next": "z"}, "z": END}, "error nodes.a.most"),
    ],
)
def test_each_fault_is_named_with_its_place(nodes: dict[str, Any], said: str) -> None:
    assert [each for each in found(nodes) if each.startswith(said)]


def test_a_jump_makes_no_loop_and_a_waiting_loop_with_a_way_out_is_sound() -> None:
    back = {
        "a": {"type": "wait", "span": "1 day", "next": "b"},
        "b": {"type": "jump", "to": "a", "most": 3, "next": "z"},
        "z": END,
    }
    assert found(back) == []
    round_ = {
        "a": {"type": "wait", "span": "1 day", "next": "b"},
        "b": {"type": "branch", "cases": [{"when": "true", "next": "z"}], "otherwise": "a"},
        "z": END,
    }
    assert found(round_) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"on": "event"}, "entry.kinds"),
        ({"on": "segment"}, "entry.segment"),
        ({"on": "daily"}, "entry.when"),
        ({"on": "call", "again": "after"}, "entry.days"),
        ({"on": "call", "again": "each"}, "entry.again"),
        ({"on": "call", "at": 25}, "entry.at"),
    ],
)
def test_an_entry_says_all_that_it_needs(entry: dict[str, Any], said: str) -> None:
    assert any(each.startswith(f"error {said}") for each in found({"a": END}, entry=entry))


def test_what_is_no_definition_is_refused_with_every_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        flow_of({"nodes": {"A": {}, "b": {"type": "wait", "spam": 1}, "c": {"type": "q"}}, "zz": 1, "hold_out": 5})
    assert [each.field for each in caught.value.problems] == [
        "nodes.A",
        "nodes.b.spam",
        "nodes.c.type",
        "zz",
        "hold_out",
    ]


def test_lengths_of_time_are_read() -> None:
    assert [
        None if (each := span_of(text)) is None else each.total_seconds() for text in ("3 days", "1 hour", "x")
    ] == [
        259200,
        3600,
        None,
    ]


NODES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.one_of(
        st.fixed_dictionaries({"type": st.just("wait"), "span": st.just("2 days"), "next": st.sampled_from("abcdef")}),
        st.fixed_dictionaries({"type": st.just("exit"), "outcome": st.sampled_from(["won", "lost"])}),
        st.fixed_dictionaries({"type": st.just("jump"), "to": st.sampled_from("abc"), "most": st.integers(1, 9)}),
        st.fixed_dictionaries(
            {
                "type": st.just("branch"),
                "cases": st.lists(
                    st.fixed_dictionaries({"when": st.just("true"), "next": st.sampled_from("ab")}), max_size=2
                ),
                "otherwise": st.sampled_from("abc"),
            }
        ),
    ),
)


@given(NODES)
def test_a_flow_is_the_same_after_a_file(nodes: dict[str, Any]) -> None:
    """What is written to a file is read back, and compared with itself it does not differ; checking never fails."""
    flow = flow_of({"nodes": nodes, "start": "a", "goal": GOAL, "hold_out": 0.1})
    document = document_of(flow)
    assert flow_of(document) == flow
    assert read_file(file_of("x", "X", "", document)).flow == flow
    assert difference(document, document) == ""
    check(flow)


def test_a_difference_shows_what_changed() -> None:
    old = {"start": "a", "nodes": {"a": {"type": "wait", "span": "1 day", "next": "a"}}}
    new = {"start": "a", "nodes": {"a": {"type": "wait", "span": "2 days", "next": "a"}}}
    changed = difference(old, new)
    assert "-    span: 1 day" in changed
    assert "+    span: 2 days" in changed
