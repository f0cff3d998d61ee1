"""Two texts side by side: both are in it whole, and nothing is called changed that is not."""

from __future__ import annotations

from crmkit_knowledge.desk import comparing
from crmkit_knowledge.desk.comparing import MOST_LINES, Row, blame, compare, near, words
from hypothesis import given, strategies as st

TEXTS = st.text(alphabet="ab中文 \n", max_size=60)


def side(rows: list[Row], name: str) -> list[str]:
    """Return the lines of one side."""
    found = [row for row in rows if getattr(row, f"{name}_number") is not None]
    return ["".join(part.text for part in getattr(row, name)) for row in found]


@given(TEXTS, TEXTS)
def test_both_texts_are_in_a_comparison_whole(left: str, right: str) -> None:
    rows = compare(left, right)
    assert (left.splitlines(), right.splitlines()) == (side(rows, "left"), side(rows, "right"))
    for row in rows:
        if row.kind == "same":
            assert row.left == row.right
        else:
            assert any(part.changed for part in (*row.left, *row.right))


@given(TEXTS)
def test_a_text_differs_from_itself_nowhere(text: str) -> None:
    assert {"same"} >= {row.kind for row in compare(text, text)}
    assert [] == near(compare(text, text))


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_every_line_of_the_last_text_is_from_some_revision(texts: list[str]) -> None:
    lines = blame(list(enumerate(texts, 1)))
    assert texts[-1].splitlines() == [each.text for each in lines]
    assert all(each.text in texts[each.number - 1].splitlines() for each in lines)


def test_a_chinese_character_is_a_word() -> None:
    was, became = words("请使用标签", "请使用贴纸")
    assert (["标签"], ["贴纸"]) == ([p.text for p in was if p.changed], [p.text for p in became if p.changed])


def test_only_what_is_near_a_change_is_shown() -> None:
    left = "\n".join(str(each) for each in range(20))
    rows = near(compare(left, left.replace("10", "ten")), around=1)
    assert [None, "same", "changed", "same", None] == [row and row.kind for row in rows]


def test_a_huge_text_does_not_take_for_ever(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """What is too long to be compared is shown as changed, save for what both begin and end with."""

    def refuse(*_given: object) -> None:
        raise AssertionError("it was compared line by line")

    monkeypatch.setattr(comparing, "SequenceMatcher", refuse)
    left = "\n".join(["first", *(f"a{each}" for each in range(MOST_LINES + 1)), "last"])
    right = "\n".join(["first", "last"])
    rows = compare(left, right)
    assert ("same", "removed", "same") == (rows[0].kind, rows[1].kind, rows[-1].kind)
