"""What is kept of a text that somebody searched for, and which texts ask the same."""

from __future__ import annotations

import re

import pytest
from crmkit_knowledge.asked.wording import LONGEST, covered, kept, key_of, words_in
from hypothesis import given, strategies as st

PERSONAL = [
    "anna@example.com",
    "Anna.Mueller+shop@mail.example.co.uk",
    "ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "anna @ example.com",
    "+49 30 123456",
    "(030) 12 34 56 78",
    "138 0013 8000",
    "138-0013-8000",
    "１３８００１３８０００",
    "11010519491231002X",
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "https://example.com/order?mail=anna",
    "www.example.com/anna",
]


@pytest.mark.parametrize("personal", PERSONAL)
def test_personal_data_are_taken_out(personal: str) -> None:
    for text in (personal, f"where is order {personal}", f"我的订单{personal}在哪里"):
        said = kept(text)
        assert "@" not in said
        assert "anna" not in said.casefold()
        assert sum(map(str.isdigit, said)) < 5


def test_the_question_stays_beside_what_is_taken_out() -> None:
    assert key_of("refund", "en") in key_of(kept("refund for anna@example.com please"), "en")
    assert "怎么改" in kept("我的邮箱anna@example.com怎么改")


@pytest.mark.parametrize("text", ["error 404", "2 for 1", "size 38", "in 2024", "iso 9001"])
def test_short_numbers_stay(text: str) -> None:
    assert text == kept(text)


@given(st.text(alphabet=st.sampled_from("ab1290@.+- /退款，9"), max_size=400))
def test_whatever_is_kept_has_no_address_and_no_long_number(text: str) -> None:
    said = kept(text)
    assert "@" not in said
    assert len(said) <= LONGEST
    assert not re.search(r"\d{5}", said)
    assert kept(said) == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I return shoes?", "returning a SHOE"),
        ("return label", "label return"),
        ("退款流程", "退款流程"),
        ("怎么申请退款", "申請退款？"),
        ("請問如何申請退款", "申请退款"),
        ("ＲＥＦＵＮＤ", "refunds"),
        ("Größe", "grosse"),
    ],
)
def test_the_same_question_has_one_key(one: str, other: str) -> None:
    assert key_of(one, "en") == key_of(other, "en") != ""


@pytest.mark.parametrize(("one", "other"), [("return shoes", "return gloves"), ("退款", "退货"), ("", "退货")])
def test_other_questions_have_other_keys(one: str, other: str) -> None:
    assert key_of(one, "en") != key_of(other, "en")


@given(
    st.lists(st.sampled_from(["refund", "label", "shoe", "退款", "運費", "wash"]), min_size=1, max_size=8), st.randoms()
)
def test_the_order_of_words_makes_no_difference(words: list[str], random: object) -> None:
    mixed = sorted(words, key=lambda _word: random.random())  # type: ignore[attr-defined]
    assert key_of(" ".join(words), "en") == key_of(" ".join(mixed), "en")


def test_words_of_asking_count_where_there_are_no_others() -> None:
    assert words_in("how to", "en") == ("how", "to")
    assert key_of("怎么", "zh_Hans")
    assert not key_of("?!", "en")


def test_what_a_hit_has_of_the_words_is_a_share() -> None:
    assert covered("return shoes", "Returning a shoe", "en") == 1
    assert covered("return shoes", "Returning gloves", "en") == 0.5
    assert covered("⋯", "Returning gloves", "en") is None
