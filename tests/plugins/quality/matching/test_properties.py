"""What holds for all customers: symmetry, independence of order, bounded blocks, models that can be kept."""

from __future__ import annotations

import json
import random
from datetime import date

import numpy as np
import pytest
from crmkit_quality.matching import Model, compare, find_pairs, fit
from crmkit_quality.matching.blocking import LARGEST, WINDOW, candidates
from crmkit_quality.matching.columns import RecordTable
from crmkit_quality.matching.records import record_of
from hypothesis import given, settings, strategies as some

from crmkit import CustomerProfile, InvalidInput, PostalAddress
from tests.plugins.quality.matching.people import company, customer, id_of, strangers

_WRITTEN = "张伟|張偉|Zhang Wei|王小明|欧阳修|John Smith|Smith, Jon|J. Smith|Müller||\u202ex|·|123"
_NAMES = some.sampled_from(_WRITTEN.split("|"))
_TEXTS = some.one_of(_NAMES, some.text(max_size=12))
_CODES = some.text("0123456789", max_size=6)
_EMAILS = some.sampled_from(["a@b.de", "Jane.Doe@acme.com", "x", "@", "janedoe@acme.de"])
_PHONES = some.sampled_from(["+8613800138000", "+8613800138000x12", "x", "110"])
_PLACES = some.builds(PostalAddress, city=_TEXTS, street=_TEXTS, postal_code=_CODES, province=_TEXTS)
_DAYS = some.one_of(some.none(), some.dates(min_value=date(1900, 1, 1), max_value=date(2020, 1, 1)))


@some.composite
def profiles(draw: some.DrawFn, number: int = 0) -> CustomerProfile:
    """Draw a customer of either kind, with whatever a base may hold."""
    make = draw(some.sampled_from([customer, company]))
    return make(
        number or draw(some.integers(1, 10**6)),
        draw(_TEXTS),
        family_name=draw(_TEXTS),
        given_name=draw(_TEXTS),
        gender=draw(some.sampled_from(["", "male", "女"])),
        birth_date=draw(_DAYS),
        identity_number=draw(some.sampled_from(["", "11010519491231002X", "A1", "a-1"])),
        registration_number=draw(some.sampled_from(["", "91310000MA1K35", "HRB 1"])),
        website=draw(some.sampled_from(["", "https://www.acme.com/x", "http://[", "acme.com"])),
        organization=draw(_TEXTS),
        emails=tuple(draw(some.lists(_EMAILS, max_size=5))),
        phones=tuple(draw(some.lists(_PHONES, max_size=4))),
        addresses=tuple(draw(some.lists(_PLACES, max_size=4))),
        custom={"note": draw(some.one_of(_TEXTS, some.integers(), some.booleans(), some.none()))},
    )


@settings(max_examples=60, deadline=None)
@given(profiles(1), profiles(2))
def test_comparing_is_symmetric(first: CustomerProfile, second: CustomerProfile) -> None:
    """It makes no difference which of two customers comes first, and nothing that they hold is refused."""
    model = Model.shipped()
    one, other = compare(first, second, model), compare(second, first, model)
    assert one == other
    assert 0 <= one.probability <= 1


@settings(max_examples=8, deadline=None)
@given(some.randoms(use_true_random=False))
def test_the_order_of_customers_makes_no_difference(draw: random.Random) -> None:
    """Pairs and model are the same, to the last digit, however the customers come."""
    people = strangers(60) + strangers(30, start=5000) + [company(1, "四通网络有限公司"), company(2, "四通网络")]
    found = find_pairs(people)
    shuffled = list(people)
    draw.shuffle(shuffled)
    again = find_pairs(shuffled)
    assert again.pairs == found.pairs
    assert again.model == found.model
    assert len(found.pairs) >= 30


def test_pairs_have_the_smaller_id_first() -> None:
    """A pair is named in one way only."""
    people = strangers(60) + strangers(30, start=5000)
    assert all(pair.first < pair.second for pair in find_pairs(people).pairs)


@pytest.mark.parametrize("number", [50, 1000, 4000])
def test_a_block_costs_no_more_than_its_size(number: int) -> None:
    """A thousand customers who agree in one key alone are compared with some neighbours each, not with all."""
    table = RecordTable("person")
    for place in range(number):
        table.add(record_of(customer(place + 1, "王伟", family_name="王", given_name="伟")))
    table.settle()
    rows = np.arange(number, dtype=np.int32)
    found = candidates(table, np.zeros(number, dtype=np.int64), rows)
    assert found.divided == 1
    assert len(found.first) <= number * WINDOW * 2
    assert (found.first < found.second).all()


def test_a_block_that_is_small_is_compared_in_full() -> None:
    """All pairs of a block within the bound are compared."""
    table = RecordTable("person")
    for place in range(LARGEST):
        table.add(record_of(customer(place + 1, "王伟")))
    table.settle()
    found = candidates(table, np.zeros(LARGEST, dtype=np.int64), np.arange(LARGEST, dtype=np.int32))
    assert len(found.first) == LARGEST * (LARGEST - 1) // 2


def test_duplicates_are_found_in_a_block_that_was_divided() -> None:
    """Of a thousand people with one name, the two with one birthday and nearly one phone number are found."""
    people = [
        customer(place + 10, "王伟", birth_date=date(1950 + place % 50, 1 + place % 12, 1 + place % 27))
        for place in range(1000)
    ]
    twice = [
        customer(number, "王伟", birth_date=date(1944, 5, 6), phones=(phone,))
        for number, phone in ((1, "+8613800138000"), (2, "+8613800138001"))
    ]
    found = find_pairs([*people, *twice])
    assert (id_of(1), id_of(2)) in {(pair.first, pair.second) for pair in found.pairs}
    assert found.figures.divided > 0
    assert found.figures.compared < 60 * 1002


def test_a_model_can_be_kept() -> None:
    """A model comes back from its JSON form as it was, and judges as before."""
    people = strangers(300) + strangers(40, start=5000)
    found = find_pairs(people)
    kept = Model.from_document(json.loads(json.dumps(found.model.as_document())))
    assert kept == found.model
    assert find_pairs(people, model=kept).pairs == found.pairs


def test_a_model_keeps_no_name_that_few_bear() -> None:
    """What a model says of values is how frequent the frequent ones are; phones and addresses are not in it."""
    people = [*strangers(300), customer(1, "尉迟曌", phones=("+8613912345678",), emails=("rare@example.org",))]
    document = json.dumps(fit(people).as_document(), ensure_ascii=False)
    assert not [text for text in ("尉迟", "曌", "yuchi", "13912345678", "rare@") if text in document]


@pytest.mark.parametrize("document", [{}, {"version": 99}, {"version": 1, "rules": {}, "kinds": {}}])
def test_what_is_no_model_is_refused(document: dict[str, object]) -> None:
    """A document of another version, or with parts missing, is named as such."""
    with pytest.raises(InvalidInput):
        Model.from_document(document)


def test_better_agreement_is_never_worth_less() -> None:
    """The levels of a fitted model are in the order of their weights, save those that stand in none."""
    from crmkit_quality.matching.comparisons import comparisons_of

    model = fit(strangers(300) + strangers(60, start=5000))
    for kind in model.kinds:
        for comparison, spec in zip(kind.comparisons, comparisons_of(kind.kind), strict=False):
            weights = [
                level.weight for level, given in zip(comparison.levels, spec.levels, strict=True) if not given.free
            ]
            assert weights == pytest.approx(sorted(weights, reverse=True)), comparison.name


def test_a_model_grows_with_its_base() -> None:
    """The more customers there are, the less probable is any pair."""
    model = Model.shipped(1000)
    larger = model.sized({"person": 100_000})
    assert larger.of("person").prior == pytest.approx(model.of("person").prior / 100, rel=0.01)
    assert larger.of("organization") == model.of("organization")
