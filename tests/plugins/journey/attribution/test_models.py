"""The models of attribution: by hand, against published games, and by what must hold of each."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path as File
from typing import Any

import pytest
from crmkit_journey.attribution.computing import attribute, credit_by
from crmkit_journey.attribution.files import read_paths
from crmkit_journey.attribution.markov import chain_of
from crmkit_journey.attribution.shapley import shapley, shapley_credit, worth_of
from crmkit_journey.attribution.sharing import Path, position, time_decay, whole_units
from crmkit_journey.attribution.words import MODELS
from hypothesis import given, settings, strategies as st

from crmkit import InvalidInput

PATHS = st.lists(
    st.builds(
        Path,
        touches=st.lists(st.sampled_from("abcd"), max_size=6),
        conversions=st.integers(0, 5),
        value=st.integers(0, 10**9),
        nulls=st.integers(0, 5),
    ),
    max_size=8,
)
NAMES: Any = list(MODELS)


@pytest.mark.parametrize("model", NAMES)
@settings(max_examples=60, deadline=None)
@given(PATHS)
def test_what_is_given_is_what_there_was(model: Any, paths: list[Path]) -> None:
    found = attribute(model, paths)
    touched = [each for each in paths if each.touches]
    assert sum(found.value.values()) == found.total == sum(each.value for each in touched)
    assert sum(found.conversions.values()) == sum(each.conversions for each in touched)
    assert all(value >= 0 for value in found.value.values())


@pytest.mark.parametrize("model", NAMES)
@settings(max_examples=40, deadline=None)
@given(st.permutations("abcd"), PATHS)
def test_names_and_the_order_of_paths_do_not_matter(model: Any, names: list[str], paths: list[Path]) -> None:
    """Whoever is called otherwise gets the same; so does everybody where the paths come in another order."""
    called = dict(zip("abcd", names, strict=True))
    other = [
        Path(
            touches=[called[name] for name in each.touches],
            conversions=each.conversions, value=each.value, nulls=each.nulls,
        )
        for each in reversed(paths)
    ]  # fmt: skip
    one, two = credit_by(model, paths).value, credit_by(model, other).value
    for name, value in one.items():
        assert float(two[called[name]]) == pytest.approx(float(value), rel=1e-6, abs=1e-3)


def test_each_rule_by_hand() -> None:
    path = Path(touches="abca", value=100)
    assert credit_by("first", [path]).value == {"a": 100, "b": 0, "c": 0}
    assert credit_by("last", [Path(touches="abc", value=100)]).value == {"a": 0, "b": 0, "c": 100}
    assert credit_by("linear", [path]).value == {"a": 50, "b": 25, "c": 25}
    assert credit_by("position", [path]).value == {"a": 80, "b": 10, "c": 10}
    assert position(Path(touches="ab")) == [1, 1]
    assert credit_by("decay", [Path(touches="ab", value=90, ages=[7, 0])]).value == {"a": 30, "b": 60}
    assert credit_by("decay", [Path(touches="ab", value=90)], half_life=1).value == {"a": 30, "b": 60}
    assert sum(time_decay(0.1)(Path(touches="ab", ages=[4000, 3650]))) >= 1


def test_units_go_to_the_largest_remainders() -> None:
    """The example of Hamilton's method in every textbook: remainders decide, of equal ones the alphabet."""
    assert whole_units({"a": Fraction(10, 3), "b": Fraction(10, 3), "c": Fraction(10, 3)}, 10) == {
        "a": 4,
        "b": 3,
        "c": 3,
    }
    assert whole_units({"a": Fraction("1.5"), "b": Fraction("2.6"), "c": Fraction("0.9")}, 5) == {
        "a": 1,
        "b": 3,
        "c": 1,
    }
    assert whole_units({}, 0) == {}


def test_shapley_values_of_published_games() -> None:
    """The glove game (two left gloves, one right one): 1/6, 1/6, 4/6; and the airport game of Littlechild and Owen
    (1973) for runways of 8, 11, 13 and 18."""

    def gloves(group: frozenset[str]) -> Fraction:
        return Fraction(min(len(group & {"left", "other left"}), len(group & {"right"})))

    assert shapley(["left", "other left", "right"], gloves) == {
        "left": Fraction(1, 6), "other left": Fraction(1, 6), "right": Fraction(4, 6),
    }  # fmt: skip
    needs = {"A": 8, "B": 11, "C": 13, "D": 18}
    found = shapley(list(needs), lambda group: Fraction(max((needs[name] for name in group), default=0)))
    assert found == {"A": 2, "B": 3, "C": 4, "D": 9}


@settings(max_examples=60, deadline=None)
@given(PATHS)
def test_shapley_is_the_sum_over_coalitions(paths: list[Path]) -> None:
    """Exactly; whoever adds nothing gets nothing, and who add the same get the same."""
    players = ["a", "b", "c", "d", "nobody"]
    for of_value in (False, True):
        exact = shapley(players, worth_of(paths, of_value=of_value))
        credit = shapley_credit(paths)
        fast = credit.value if of_value else credit.conversions
        assert exact == {name: fast.get(name, Fraction(0)) for name in players}
        assert exact["nobody"] == 0


def test_all_coalitions_of_thirteen_are_too_many() -> None:
    with pytest.raises(InvalidInput):
        shapley([str(each) for each in range(13)], lambda group: Fraction(len(group)))


def test_a_chain_by_hand() -> None:
    """Start to a; from a half to b; from b two in three convert: without b nothing is left, nor without a."""
    paths = [
        Path(touches="ab", conversions=2, nulls=1),
        Path(touches="a", conversions=0, nulls=3),
        Path(touches="c", conversions=1, nulls=0),
    ]
    chain = chain_of(paths)
    assert chain.probability == pytest.approx(3 / 7)
    assert {name: round(each, 6) for name, each in chain.removal.items()} == {
        "a": 0.666667,
        "b": 0.666667,
        "c": 0.333333,
    }
    assert credit_by("markov", paths).conversions["c"] == pytest.approx(Fraction(3, 5), abs=1e-9)


def test_a_chain_of_a_higher_order_knows_what_came_before() -> None:
    """By order 2 what follows b depends on what came before it: the paths are told apart exactly."""
    paths = [Path(touches="ab", conversions=1), Path(touches="cb", conversions=0, nulls=1)]
    assert {name: round(each, 6) for name, each in chain_of(paths).removal.items()} == {"a": 0.5, "b": 1.0, "c": 0.5}
    assert {name: round(each, 6) for name, each in chain_of(paths, 2).removal.items()} == {"a": 1.0, "b": 1.0, "c": 0.0}
    for order in (0, 5):
        with pytest.raises(InvalidInput):
            chain_of(paths, order)


def test_a_chain_of_nothing_is_nothing() -> None:
    assert chain_of([]).removal == {}
    assert credit_by("markov", [Path(touches="a", conversions=0, nulls=2)]).conversions == {"a": 0}
    assert chain_of([Path(touches="a", conversions=0, nulls=0)]).probability == 0


def test_paths_of_a_file(tmp_path: File) -> None:
    file = tmp_path / "paths.csv"
    file.write_text("path,total_conversions,total_conversion_value,total_null\na > b > a,2,3.25,1\nc,0,,4\n")
    first, second = read_paths(file)
    assert (first.touches, first.conversions, first.value, first.nulls) == (("a", "b", "a"), 2, Fraction(13, 4), 1)
    assert (second.touches, second.value, second.nulls) == (("c",), 0, 4)


@pytest.mark.parametrize(
    "text",
    [
        "path\na\n",
        "path,total_conversions\na,x\n",
        "path,total_conversions\na,-1\n",
        "path,total_conversions\na,1.5\n",
        "path,total_conversions\na,nan\n",
        "path,total_conversions\na,1e999999999\n",
        "",
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: File, text: str) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(text)
    with pytest.raises(InvalidInput):
        read_paths(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput):
        read_paths(file)
