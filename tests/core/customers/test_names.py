"""Names: whole from parts, Chinese ones split, and what equal names have in common."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from crmkit.core.customers.names import COMPOUND_SURNAMES, NameParts, folded, sort_name, split_name, whole_name

chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=2)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (NameParts(family="王", given="小明"), "王小明"),
        (NameParts(family="Smith", given="Mary", middle="Ann"), "Mary Ann Smith"),
        (NameParts(family="Smith"), "Smith"),
        (NameParts(family="王", given="David"), "David 王"),
        (NameParts(), ""),
    ],
)
def test_a_name_is_written_as_people_write_it(parts: NameParts, expected: str) -> None:
    """Family first and without a space in Chinese, given name first elsewhere."""
    assert expected == whole_name(parts)


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("王小明", "王", "小明"),
        ("李雷", "李", "雷"),
        ("欧阳修", "欧阳", "修"),
        ("欧阳小明", "欧阳", "小明"),
        ("諸葛孔明", "諸葛", "孔明"),
        ("欧阳", "欧", "阳"),
        ("Mary Ann Smith", None, None),
        ("王", None, None),
        ("张王小明", None, None),
        ("上海银行股份有限公司", None, None),
    ],
)
def test_only_chinese_names_are_split(name: str, family: str | None, given: str | None) -> None:
    """A Chinese name of a person falls into its parts; of others nothing is guessed."""
    assert NameParts(family=family, given=given) == split_name(name)


@given(family=chinese.filter(lambda text: len(text) == 1 or text in COMPOUND_SURNAMES), rest=chinese)
def test_splitting_undoes_joining(family: str, rest: str) -> None:
    """What is split is joined to the same name again."""
    parts = split_name(family + rest)
    assert whole_name(parts) in ("", family + rest)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """The folded form of a folded form is itself, so that keys can be compared with keys."""
    assert folded(text) == folded(folded(text))


@pytest.mark.parametrize("text", ["ＡＣＭＥ  Ltd", "acme ltd", " Acme\tLTD "])
def test_case_width_and_spaces_do_not_tell_names_apart(text: str) -> None:
    """Names that differ in case, width or spaces alone have one folded form."""
    assert folded(text) == "acme ltd"


def test_western_names_sort_by_family_name() -> None:
    """The family name comes first in what a Western name is sorted by."""
    parts = NameParts(family="Smith", given="Mary", middle="Ann")
    assert sort_name("Mary Ann Smith", parts) == "smith mary ann"
