"""Parts of texts that are for fewer readers."""

from __future__ import annotations

import pytest
from crmkit_knowledge.rendering.audiences import split_audiences, text_for
from hypothesis import given, strategies as st

PUBLIC, OUTSIDE = frozenset({"public"}), frozenset({"public", "customers"})
MARKS = [":::internal", ":::customers", ":::public", ":::note", ":::", "```", "~~~", "text"]
LINES = st.lists(st.sampled_from(MARKS), max_size=14)


def test_parts_are_for_audiences() -> None:
    """Blocks in blocks are for those who may read both; what is not closed or not known is kept back."""
    text = "a\n:::internal\nb\n:::public\nc\n:::\n:::\nd\n:::customers\ne\n:::\n:::what\nf\n"
    assert text_for(text, PUBLIC).split() == ["a", "d"]
    assert text_for(text, OUTSIDE).split() == ["a", "d", "e"]
    assert text_for(text, OUTSIDE | {"internal"}).split() == list("abcdef")


def test_marks_are_written_in_chinese_too() -> None:
    """With wide colons and a Chinese name."""
    found = [(each.audience, each.text.split()) for each in split_audiences("a\n：：：内部\nb\n：：：\nc")]
    assert found == [("public", ["a"]), ("internal", ["b"]), ("public", ["c"])]


@pytest.mark.parametrize(
    "text",
    [
        ":::internal\n```\n:::\n```\nsecret\n:::",
        "```\n:::internal\n```\nsecret\n:::",
        "> :::internal\n> secret\n> :::",
        "- :::internal\n  secret\n  :::",
        "1. x\n   ::: internal for us\n   secret",
        "\ufeff:::internal\r\nsecret\r\n:::",
        "\u200b:::INTERNAL\nsecret",
        ":::interna\nsecret\n:::",
        ":::internal\n:::public\nsecret\n:::\n:::",
        ":::internal\n:::note\nx\n:::\nsecret\n:::",
    ],
)
def test_a_slip_of_the_pen_hides_too_much(text: str) -> None:
    """Never too little."""
    assert "secret" not in text_for(text, OUTSIDE)


@given(LINES, st.lists(st.sampled_from([":::public", ":::note", "```", "text"]), max_size=5), LINES)
def test_what_is_for_colleagues_never_gets_out(before: list[str], inside: list[str], after: list[str]) -> None:
    """A line after the beginning of a block for colleagues is for them until it ends, whatever stands around it."""
    text = "\n".join([*before, ":::internal", *inside, "secret", ":::", *after, ""])
    assert "secret" not in text_for(text, OUTSIDE)


@given(LINES, LINES)
def test_leaving_out_twice_leaves_out_no_more(before: list[str], after: list[str]) -> None:
    """What is left for everybody has no marks of audiences, so the second time finds nothing."""
    once = text_for("\n".join([*before, *after]), PUBLIC)
    assert text_for(once, PUBLIC) == once


@given(LINES)
def test_a_text_without_blocks_stays_as_it_is(lines: list[str]) -> None:
    """Nothing is added to it and nothing is lost."""
    text = "".join(f"{line}\n" for line in lines if not line.startswith(":::"))
    assert text_for(text, PUBLIC) == text
