"""Which text somebody gets, and what a short message costs."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_messaging.api import segments_of
from crmkit_messaging.composing.choosing import chain_of, choose_language, choose_variant, language_tag
from hypothesis import given, strategies as st


@frozen
class Text:
    """A text to choose."""

    language: str
    variant: str
    weight: int


@pytest.mark.parametrize(
    ("given_tag", "kept"),
    [
        ("zh", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh_TW", "zh_Hant"),
        ("zh-Hant-HK", "zh_Hant"),
        ("en", "en"),
        ("pt-br", "pt_BR"),
        ("xx", None),
        ("", None),
        ("../../etc", None),
    ],
)
def test_languages_are_kept_under_one_tag(given_tag: str, kept: str | None) -> None:
    """A tag is written in many ways, and kept in one."""
    assert language_tag(given_tag) == kept


@pytest.mark.parametrize(
    ("wanted", "there", "chosen"),
    [
        (["pt-BR"], ["en", "pt"], "pt"),
        (["zh-TW", "zh"], ["en", "zh_Hans"], "zh_Hans"),
        (["zh-TW", "en"], ["en", "zh_Hans"], "en"),
        (["en-GB"], ["en"], "en"),
        (["en"], ["en_GB"], "en_GB"),
        ([None, "fr"], ["de"], "de"),
        (["sr-Latn"], ["sr"], "sr"),
    ],
)
def test_the_nearest_language_is_chosen(wanted: list[str | None], there: list[str], chosen: str) -> None:
    """The first wanted one for which there is something, by its region, script and itself; else the first there is."""
    assert choose_language(wanted, there) == chosen


def test_no_language_falls_back_to_another_script() -> None:
    """Who reads traditional characters is not given simplified ones for that."""
    assert "zh_Hans" not in chain_of("zh-TW")


def test_variants_are_dealt_by_weight_and_stay() -> None:
    """Shares are the weights', and the same customer always gets the same one, in every language."""
    texts = [Text("en", "a", 3), Text("en", "b", 1), Text("en", "never", 0)]
    other = [Text("de", "b", 1), Text("de", "a", 3)]
    ids = [UUID(int=number * 7919) for number in range(4000)]
    first = {each: choose_variant(texts, "x", each) for each in ids}
    counts = Counter(text.variant for text in first.values() if text is not None)
    assert set(counts) == {"a", "b"}
    assert abs(counts["a"] / len(ids) - 0.75) < 0.03
    for each in ids[:200]:
        again, abroad = choose_variant(list(reversed(texts)), "x", each), choose_variant(other, "x", each)
        assert again is not None
        assert abroad is not None
        assert again.variant == abroad.variant == getattr(first[each], "variant", None)


def test_a_variant_can_be_asked_for() -> None:
    """Also one that chance never deals."""
    texts = [Text("en", "a", 1), Text("en", "b", 0)]
    chosen = choose_variant(texts, "x", UUID(int=1), "b")
    assert chosen is texts[1]


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count", "left"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("€" * 80, "GSM-7", 160, 1, 0),
        # A character of two places does not fit in the last place of a segment.
        ("a" * 152 + "€" + "a" * 10, "GSM-7", 164, 2, 141),
        ("你" * 70, "UCS-2", 70, 1, 0),
        ("你" * 71, "UCS-2", 71, 2, 63),
        ("😀" * 35, "UCS-2", 70, 1, 0),
        ("😀" * 36, "UCS-2", 72, 2, 61),
        ("é à ñ Ω {}", "GSM-7", 12, 1, 148),
        ("ç", "UCS-2", 1, 1, 69),
    ],
)
def test_segments_of_short_messages(text: str, encoding: str, units: int, count: int, left: int) -> None:
    """By 3GPP TS 23.038: 160 and 153 places of seven bits, 70 and 67 characters of UTF-16."""
    found = segments_of(text)
    assert (found.encoding, found.units, found.count, found.left) == (encoding, units, count, left)


@given(st.text(alphabet="a€你😀~", max_size=400))
def test_segments_hold_what_they_count(text: str) -> None:
    """There are as many segments as the units need, and at most one more for characters that are not split."""
    found = segments_of(text)
    most = 160 if found.encoding == "GSM-7" else 70
    several = 153 if found.encoding == "GSM-7" else 67
    if found.units <= most:
        assert found.count == (1 if text else 0)
    else:
        assert -(-found.units // several) <= found.count <= found.units // (several - 1) + 1
