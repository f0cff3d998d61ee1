"""Figures about few customers are withheld, and cannot be found out from the others."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from crmkit.engines.reports.values import Cell, Row
from crmkit.engines.reports.withholding import withheld
from crmkit.hooks.contributions import TOTAL, Column

COLUMNS = (Column(name="label", title="Label"), Column(name="customers", title="Customers", kind="integer"))


def rows(*sizes: int) -> list[Row]:
    """Return a row for each number of customers."""
    return [
        Row(key=str(place), cells=[Cell(value=f"label {place}"), Cell(value=size)]) for place, size in enumerate(sizes)
    ]


def total(*sizes: int) -> Row:
    """Return the row of sums."""
    return Row(key=TOTAL, cells=[Cell(value=None), Cell(value=sum(sizes))])


def shown(*sizes: int, smallest: int = 5) -> tuple[list[int | None], int | None]:
    """Return the numbers that are left, and the sum."""
    found, sums = withheld(COLUMNS, rows(*sizes), total(*sizes), "customers", smallest)
    assert sums is not None
    return [row.cells[1].value for row in found], sums.cells[1].value


def test_a_small_group_takes_the_next_one_with_it() -> None:
    """Else its size would follow from the sum."""
    assert shown(3, 9, 20) == ([None, None, 20], 32)
    assert shown(3, 2, 20) == ([None, None, 20], 25)
    assert shown(1, 2, 9, 20) == ([None, None, None, 20], 32)


def test_where_nothing_else_can_be_withheld_the_sum_is() -> None:
    """A group that stands alone is as large as the sum."""
    assert shown(3, 0) == ([None, 0], None)


def test_names_of_groups_and_empty_ones_are_shown() -> None:
    """That there is nobody tells about nobody."""
    found, _sums = withheld(COLUMNS, rows(1, 0, 7, 8), total(1, 0, 7, 8), "customers", 5)
    assert [row.cells[0].value for row in found] == ["label 0", "label 1", "label 2", "label 3"]
    assert [row.cells[1].withheld for row in found] == [True, False, True, False]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=7), st.integers(2, 8))
def test_no_small_group_follows_from_what_is_shown(sizes: list[int], smallest: int) -> None:
    """No group that is withheld is left alone with a sum that is shown."""
    left, whole = shown(*sizes, smallest=smallest)
    hidden = [place for place, size in enumerate(left) if size is None]
    assert all(size == 0 or size >= smallest for size in left if size is not None)
    assert whole is None or len(hidden) != 1
    assert whole is None or not hidden or whole - sum(size or 0 for size in left) >= smallest
