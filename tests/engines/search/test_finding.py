"""What a search finds and in which order, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crmkit import CRM
from crmkit.errors import InvalidInput, PluginError
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import SearchHit
from tests.conftest import ENGINES, Templates
from tests.engines.search.support import ACTOR, customer, found, note, open_notes, results

BODIES = (
    "The customer asks for a refund of the green tea; refund was promised",
    "Refunded the tea pot, the customer is happy",
    "Delivery of the pot is late",
    "客户要求退款，退款流程已说明",
    "客戶對退款流程不滿意",
    "长江大桥旁边的新门店开业",
    "市长参观长江上的大桥",
    "A refund? No: the policy of refunds excludes opened tea",
)


@pytest.fixture
def notes(crm: CRM) -> list[str]:
    """Notes in English, simplified and traditional Chinese, by place; gives their ids."""
    open_notes(crm)
    return [str(note(crm, body, subject=f"Note {place}")) for place, body in enumerate(BODIES)]


def places(crm: CRM, notes: list[str], text: str) -> list[int]:
    """Return the places of the notes that a text finds."""
    return [notes.index(str(each)) for each in found(crm, text, within=["interaction"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tea pot", [1]),
        ("退款", [3, 4]),
        ("客户", [4, 3]),
        ("長江大橋", [5, 6]),
        ("款", [3, 4]),
        ("市", [6]),
        ("桥", [5, 6]),
        ('"refund of the green"', [0]),
        ('"green of"', []),
        ("“长江大桥”", [5]),
        ("deliv", [2]),
        ("refnud", [0]),
        ("delivrey", [2]),
        ("xylophone quartz", []),
    ],
)
def test_found(crm: CRM, notes: list[str], text: str, expected: list[int]) -> None:
    """Words and their beginnings, phrases, single characters, misspelt words, either Chinese script; best first."""
    hits = places(crm, notes, text)
    assert sorted(expected) == sorted(hits) if len(expected) > 1 else expected == hits[:1]


def test_inflected_words_are_found_after_the_word_itself(crm: CRM, notes: list[str]) -> None:
    """A stem stands for all its words."""
    assert {0, 1, 7} == set(places(crm, notes, "refunds "))


def test_titles_count_for_more(crm: CRM) -> None:
    """Of two records with the same word, the one that has it in the title comes first."""
    open_notes(crm)
    note(crm, "The warranty of the pot", subject="Something else")
    titled = note(crm, "Something else", subject="The warranty of the pot")
    assert titled == found(crm, "warranty")[0]


def test_snippet_and_highlights(crm: CRM, notes: list[str]) -> None:
    """A hit shows the part of the text that it is about."""
    (hit,) = results(crm, "green tea", limit=1).hits
    assert "Note 0" == hit.title
    assert {"green", "tea"} == {hit.snippet[first:last] for first, last in hit.highlights}
    assert 1.0 == hit.score


def test_customers_by_name_tag_and_industry(crm: CRM) -> None:
    """The name as written in any form, tags and the industry."""
    li = customer(crm, "李小龍", tags=["武术"])
    mill = customer(crm, "Müller & Söhne GmbH", kind="organization", industry="Retail", tags=["Key account"])
    assert [li] == found(crm, "李小龙")
    assert [li] == found(crm, "武术")
    assert [mill] == found(crm, "muller")
    assert [mill] == found(crm, "Mülller")
    assert [mill] == found(crm, "key acc")
    assert [mill] == found(crm, "retail")


def test_a_short_name_that_is_meant_comes_before_a_long_one_with_it(crm: CRM) -> None:
    """The length of a title counts."""
    customer(crm, "Anna Maria Luisa Berg von Stein")
    short = customer(crm, "Anna Berg")
    assert short == found(crm, "anna berg")[0]


def test_exact_address_number_and_identifier(crm: CRM) -> None:
    """They are sealed or a name to another system, and found as a whole alone."""
    who = customer(
        crm,
        "Wang Fang",
        email="wang.fang@example.com",
        phone="+8613800138000",
        identity_kind="passport",
        identity_number="E12345678",
        source="shop",
        external_id="K-4711",
    )
    for text in ("wang.fang@example.com", "WANG.FANG@EXAMPLE.COM", "+86 138 0013 8000", "e12345678", "K-4711"):
        (hit, *_rest) = results(crm, text).hits
        assert f"customer:{who}" == hit.ref
        assert hit.reason
    assert [] == found(crm, "13800138")


def test_products_by_title_and_number(crm: CRM) -> None:
    """The catalogue is found as well."""
    made = crm.run(ACTOR, "product.create", {"sku": "TEA-77", "title": "Longjing 龙井茶"})
    assert [made.id] == found(crm, "龙井")
    assert [made.id] == found(crm, '"TEA-77"', within=["product"])


def test_kinds_can_be_chosen(crm: CRM) -> None:
    """Only what was asked for; an unknown kind is refused with those there are."""
    open_notes(crm)
    who = customer(crm, "Tea House")
    written = note(crm, "Tea was sent")
    assert {who, written} == set(found(crm, "tea"))
    assert [written] == found(crm, "tea", within=["interaction"])
    with pytest.raises(InvalidInput, match="customer, interaction, product"):
        results(crm, "tea", within=["person"])


def test_a_word_that_is_typed_to_its_end_counts_once(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the last one it may be the beginning of a longer one, which must not make it too common to be ranked by."""
    for number in range(3):
        customer(crm, f"Anna {number}")
        customer(crm, f"Smith {number}")
    both = customer(crm, "Anna Smith")
    customer(crm, "Anna B")
    customer(crm, "Smith B")
    monkeypatch.setattr("crmkit.engines.search.ranking.COMMON", 10)
    assert both == found(crm, "anna smith")[0]


def test_limit(crm: CRM) -> None:
    """At most so many, the newest of equals first."""
    ids = [customer(crm, "Tea House") for _number in range(5)]
    assert list(reversed(ids))[:2] == found(crm, "tea", limit=2)
    assert [] == found(crm, "tea", limit=0)
    assert [] == found(crm, "   ")


def test_what_a_text_means_to_a_database_is_of_no_consequence(crm: CRM) -> None:
    """Signs of query languages are no more than signs."""
    who = customer(crm, "Odd' OR 1=1")
    for text in (
        "odd' or",
        'odd"',
        "odd*",
        "odd & !x",
        "odd -x",
        "odd:*",
        "NEAR(odd)",
        "odd %s %(x)s",
        "(odd",
        "odd\\",
        "\x00odd",
    ):
        assert [who] == found(crm, text), text
    assert [] == found(crm, "' * \" & | ! ( ) : \\")


def test_plugins_answer_after_the_kernel(crm: CRM) -> None:
    """Best first; one that fails is named and costs nothing else."""

    class Good:
        @hookimpl
        def crmkit_search(self, text: str) -> list[SearchHit]:
            return [
                SearchHit(ref="good.thing:1", title=text, score=1),
                SearchHit(ref="good.thing:2", title="b", score=2),
            ]

    class Bad:
        @hookimpl
        def crmkit_search(self) -> list[SearchHit]:
            raise ValueError("broken")

    who = customer(crm, "Tea House")
    crm.dispatcher.add_plugin("good", Good())
    crm.dispatcher.add_plugin("bad", Bad())
    answer = results(crm, "tea")
    assert [f"customer:{who}", "good.thing:2", "good.thing:1"] == [hit.ref for hit in answer.hits]
    assert ["bad"] == list(answer.failed)
    assert isinstance(answer.failed["bad"], PluginError)
    assert {} == results(crm, "tea", within=["customer"]).failed


@pytest.fixture
def both(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CRM]]:
    """A CRM on each of the databases."""
    folder = tmp_path_factory.mktemp("both")
    crms = [CRM.open(templates.copy(engine, folder)) for engine in ENGINES]
    yield crms
    for crm in crms:
        crm.close()


def test_both_databases_rank_alike(both: list[CRM]) -> None:
    """The same records in the same order with the same scores, for words, beginnings, phrases and misspellings."""
    names: list[dict[str, str]] = []
    for crm in both:
        open_notes(crm)
        mine = {f"interaction:{note(crm, body, subject=body[:9])}": f"note {at}" for at, body in enumerate(BODIES * 4)}
        for name in ("Tea House", "Tee Haus", "Green Tea Company of the North", "茶馆", "长江茶业", "Refund Office"):
            mine[f"customer:{customer(crm, name, tags=['tea', '茶'])}"] = name
        names.append(mine)
    texts = [
        "refund tea",
        "tea",
        "退款流程",
        "长江",
        "茶",
        '"the pot"',
        "refnud policy",
        "green t",
        "the customer of tea",
        "tea refund",
        "refunded ref",
        "茶 tea house",
    ]
    for text in texts:
        sqlite, postgresql = (
            [(mine[hit.ref], hit.score, hit.snippet, hit.highlights) for hit in results(crm, text, limit=50).hits]
            for crm, mine in zip(both, names, strict=True)
        )
        assert sqlite, text
        assert sqlite == postgresql, text
