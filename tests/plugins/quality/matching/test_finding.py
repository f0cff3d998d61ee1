"""Duplicates are found by what agrees, against what differs."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve
from crmkit_quality.matching import (
    CandidatePair,
    MatchingRules,
    Model,
    blocking_keys,
    compare,
    compare_many,
    find_pairs,
    fit,
)
from crmkit_quality.matching.values import Found

from crmkit import CustomerProfile, PostalAddress
from tests.plugins.quality.matching.people import company, customer, id_of, ids, strangers

ZHANG = customer(
    1,
    "张伟",
    family_name="张",
    given_name="伟",
    phones=("+8613800138000",),
    birth_date=date(1980, 3, 4),
    emails=("zhang.wei@example.com",),
)


def found_among(*profiles: CustomerProfile, base: int = 300) -> Found:
    """Return what is found among some customers in a base of others."""
    return find_pairs([*profiles, *strangers(base)])


def level(pair: CandidatePair, comparison: str) -> str | None:
    """Return how far a pair agrees in a comparison."""
    return next((each.level for each in pair.evidence if each.comparison == comparison), None)


@pytest.mark.parametrize(
    "other",
    [
        customer(2, "張偉", phones=("+8613800138000",)),
        customer(2, "Zhang Wei", emails=("ZHANG.WEI@example.com",)),
        customer(2, "Wei Zhang", birth_date=date(1980, 3, 4), phones=("+8613800138000",)),
        customer(2, "张 伟", emails=("ｚhang.wei@example.com",)),
        customer(2, "张玮", family_name="张", given_name="玮", phones=("+8613800138000",)),
        customer(2, "张伟", phones=("+8613800130800",), birth_date=date(1980, 3, 4)),
        customer(2, "伟张", family_name="伟", given_name="张", phones=("+8613800138000",), birth_date=date(1980, 3, 4)),
    ],
    ids=["traditional", "pinyin", "western order", "full width", "homophone", "digits of the phone", "exchanged"],
)
def test_a_person_written_in_another_way_is_found(other: CustomerProfile) -> None:
    """What two records have in common outweighs how they were written."""
    found = found_among(ZHANG, other)
    assert ids(*found.pairs) == [(id_of(1), id_of(2))]


def test_a_common_name_alone_is_no_evidence_in_a_large_base() -> None:
    """王伟 and 王伟 are two people where nothing else agrees."""
    base = strangers(2000)
    namesakes = [customer(number, "王伟", family_name="王", given_name="伟") for number in (1, 2)]
    assert find_pairs([*namesakes, *base]).pairs == ()


def test_a_rare_name_is_worth_more_than_a_common_one() -> None:
    """Agreeing on a name that few have weighs more."""
    base = strangers(500)
    model = fit(base)
    common = compare(customer(1, "王伟"), customer(2, "王伟"), model)
    rare = compare(customer(1, "尉迟曌"), customer(2, "尉迟曌"), model)
    assert rare.weight > common.weight + 2


def test_five_customers_are_enough() -> None:
    """A base with next to nothing in it has its duplicates found by the shipped figures."""
    found = found_among(ZHANG, evolve(ZHANG, id=id_of(2), name="Zhang Wei", family_name="", given_name=""), base=3)
    assert ids(*found.pairs) == [(id_of(1), id_of(2))]
    assert found.pairs[0].band == "automatic"


@pytest.mark.parametrize("number", [0, 1])
def test_a_base_without_pairs_has_no_duplicates(number: int) -> None:
    """Nobody at all, and one alone, are nobody's duplicates."""
    found = find_pairs(strangers(number))
    assert found.pairs == ()
    assert found.figures.customers == number


def test_people_and_organisations_never_match() -> None:
    """A company with the name and the phone of a person is another customer."""
    person = customer(1, "Acme", phones=("+8613800138000",))
    firm = company(2, "Acme", phones=("+8613800138000",))
    assert found_among(person, firm).pairs == ()
    assert compare(person, firm, Model.shipped()).probability == 0


def test_a_family_is_not_one_person() -> None:
    """Who shares a name, an address and a phone, but neither the given name nor the birthday, lives together."""
    home = {
        "phones": ("+8657112345678",),
        "addresses": (PostalAddress(city="杭州", street="文三路12号", postal_code="310012"),),
    }
    found = found_among(
        customer(1, "王建国", family_name="王", given_name="建国", birth_date=date(1960, 1, 2), **home),
        customer(2, "王小丽", family_name="王", given_name="小丽", birth_date=date(1990, 7, 9), **home),
    )
    assert found.pairs == ()


def test_a_phone_that_everybody_has_is_no_evidence() -> None:
    """The number of an office switchboard makes no two of its people one."""
    office = [evolve(each, phones=("+862112345678",)) for each in strangers(60, seed=7, start=1)]
    assert found_among(*office).pairs == ()


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (date(1980, 3, 4), date(1980, 4, 3), "exchanged"),
        (date(1980, 3, 4), date(1980, 3, 5), "one digit"),
        (date(1980, 3, 4), date(1990, 3, 4), "one digit"),
        (date(1980, 3, 14), date(1980, 3, 25), "two parts"),
        (date(1980, 3, 14), date(1980, 11, 25), "same year"),
        (date(1980, 3, 14), date(1991, 11, 25), "different"),
    ],
)
def test_dates_of_birth_are_compared_part_by_part(first: date, second: date, wanted: str) -> None:
    """Slips of the hand are told from another date."""
    pair = compare(customer(1, birth_date=first), customer(2, birth_date=second), Model.shipped())
    assert level(pair, "birth date") == wanted


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("Robert", "Bob", "short form"),
        ("John", "J.", "part"),
        ("Anna", "Anna Maria", "part"),
        ("Katherine", "Kathrine", "close"),
        ("Anna", "Robert", "different"),
    ],
)
def test_given_names_are_compared_with_their_short_forms(first: str, second: str, wanted: str) -> None:
    """Short forms, initials and further names are agreement of a kind."""
    pair = compare(
        customer(1, family_name="Smith", given_name=first),
        customer(2, family_name="Smith", given_name=second),
        Model.shipped(),
    )
    assert level(pair, "given name") == wanted


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("四通网络有限公司", "四通网络有限责任公司", "exact"),
        ("四通网络有限公司", "四通网络", "form missing"),
        ("四通网络有限公司", "上海四通网络有限公司", "exact"),
        ("北京四通网络有限公司", "上海四通网络有限公司", "other place"),
        ("Acme GmbH", "Acme AG", "other form"),
        ("四通网络有限公司", "Sitong Wangluo Co., Ltd.", "same reading"),
        ("Blue Ocean Trading Ltd", "Blue Ocaen Trading Limited", "close"),
        ("Ocean Blue Trading", "Blue Ocean Trading", "close"),
        ("International Business Machines", "IBM Corp.", "part"),
        ("Acme", "Zenith Foods", "different"),
    ],
)
def test_company_names_are_compared_without_form_and_place(first: str, second: str, wanted: str) -> None:
    """What a company is called counts; another form or place speaks against."""
    pair = compare(company(1, first), company(2, second), Model.shipped())
    assert level(pair, "name") == wanted


def test_a_company_with_and_without_its_form_is_one() -> None:
    """四通网络 and 上海四通网络有限公司 with one phone number are found."""
    firms = [
        company(1, "四通网络", phones=("+862112345678",)),
        company(2, "上海四通网络有限公司", phones=("+862112345678",)),
        *(
            company(10 + place, f"{each.name}贸易有限公司", phones=each.phones)
            for place, each in enumerate(strangers(200))
        ),
    ]
    assert ids(*find_pairs(firms).pairs) == [(id_of(1), id_of(2))]


def test_two_right_numbers_of_residents_are_a_conflict() -> None:
    """Twins agree in nearly everything; their numbers are one slip apart and yet both right."""
    twins = [
        evolve(ZHANG, id=id_of(1), identity_number="11010519491231002X"),
        evolve(ZHANG, id=id_of(2), identity_number="110105194912310038"),
    ]
    pair = compare(*twins, Model.shipped())
    assert pair.conflict
    assert pair.band != "automatic"


def test_ids_of_an_exclusive_source_are_a_conflict() -> None:
    """Two ids of a source that has one for each customer rule a merge out; those of any other source don't."""
    first = evolve(ZHANG, identifiers=(("registry", "1"),))
    second = evolve(ZHANG, id=id_of(2), identifiers=(("registry", "2"),))
    rules = MatchingRules(exclusive_sources=frozenset(["registry"]))
    assert compare(first, second, Model.shipped(rules=rules)).conflict
    assert not compare(first, second, Model.shipped()).conflict


def test_what_is_not_known_is_no_evidence() -> None:
    """A comparison in which one of the two has nothing is not among the evidence."""
    pair = compare(ZHANG, customer(2, "张伟"), Model.shipped())
    assert {each.comparison for each in pair.evidence} == {"family name", "given name"}


def test_a_custom_field_that_names_customers_counts() -> None:
    """A number in a custom field is compared as it is."""
    base = [evolve(each, custom={"card": f"K{place:07d}"}) for place, each in enumerate(strangers(200))]
    found = find_pairs([
        customer(1, "张伟", custom={"card": "X9876543"}),
        customer(2, "张伟", custom={"card": "X9876543"}),
        *base,
    ])  # fmt: skip
    assert ids(*found.pairs) == [(id_of(1), id_of(2))]
    assert level(found.pairs[0], "custom.card") == "exact"


def test_pairs_that_are_known_to_be_two_are_left_out() -> None:
    """What somebody has decided is not asked again, in whichever order it is given."""
    other = evolve(ZHANG, id=id_of(2))
    assert find_pairs([ZHANG, other, *strangers(50)], apart=[(id_of(2), id_of(1))]).pairs == ()


def test_progress_is_told() -> None:
    """Whoever waits hears how many pairs are compared, and in the end that all are."""
    told: list[tuple[int, int]] = []
    found = find_pairs(strangers(200), progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (found.figures.compared, found.figures.compared)


def test_many_are_compared_as_one_by_one() -> None:
    """Comparing a customer with several gives for each what comparing it alone does."""
    model, others = Model.shipped(), strangers(20)
    assert compare_many(ZHANG, others, model) == [compare(ZHANG, each, model) for each in others]


def test_duplicates_share_a_key() -> None:
    """The keys of a customer meet those of the same one written in another way."""
    other = customer(2, "Zhang Wei", birth_date=date(1980, 3, 4))
    assert set(blocking_keys(ZHANG)) & set(blocking_keys(other))


def test_a_person_and_a_company_share_no_key() -> None:
    """Keys say which kind of customer they are of."""
    person = customer(1, "Acme", phones=("+8613800138000",))
    firm = company(2, "Acme", phones=("+8613800138000",))
    assert not set(blocking_keys(person)) & set(blocking_keys(firm))
