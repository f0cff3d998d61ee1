"""What a machine said is no truth, and a model replaces another only where texts support that it is better."""

from __future__ import annotations

import pytest
from crmkit_feedback.classifying.learning import Example, gain, learn
from crmkit_feedback.classifying.operations import _examples
from hypothesis import given, settings, strategies as st

from crmkit.app import CRM
from tests.plugins.feedback.classifying.test_labelling import BROKEN, SYSTEM, said, themes

SETS = st.lists(st.tuples(*[st.sets(st.sampled_from("abc"))] * 3), min_size=1, max_size=30)


@settings(deadline=None, max_examples=30)
@given(SETS)
def test_the_gain_is_within_its_interval_and_turns_round(texts: list[tuple[set[str], set[str], set[str]]]) -> None:
    """What is gained one way is lost the other way."""
    truth, one, two = ([each[at] for each in texts] for at in range(3))
    there, back = gain(truth, one, two), gain(truth, two, one)
    assert there[0] == pytest.approx(-back[0])
    assert (there[1], there[2]) == (pytest.approx(-back[2]), pytest.approx(-back[1]))
    assert gain(truth, one, one) == (0, 0, 0)


def test_a_small_gain_is_none() -> None:
    """One text of forty more is what chance brings; twenty of forty are not."""
    truth = [{"a"}] * 40
    before = [{"a"}] * 30 + [set()] * 10
    assert gain(truth, [{"a"}] * 31 + [set()] * 9, before)[1] <= 0
    assert gain(truth, truth, [{"a"}] * 20 + [set()] * 20)[1] > 0


def test_labels_of_a_machine_are_no_truth(lite: CRM) -> None:
    """Of feedback that a person has labelled too."""
    made = said(lite, BROKEN)
    lite.run(SYSTEM, "feedback.feedback.set_theme", {"theme": "packaging"}, target=made.id)
    assert themes(lite, made) == {"delivery", "quality", "packaging"}
    with lite.session(SYSTEM) as session:
        (example,), _words = _examples(session)
    assert (example.themes, example.unknown) == ({"packaging"}, {"delivery", "quality"})


def test_a_machine_s_labels_change_nothing_in_what_is_learnt() -> None:
    """Whatever it said of texts about which people said nothing, the weights and figures of the theme are the same."""
    texts = [(f"jar {number} does not shut", "closing") for number in range(40)]
    texts += [(f"candle {number} reeks", "smell") for number in range(40)]
    plain = [Example(text=text, themes=frozenset([theme])) for text, theme in texts]
    none: list[set[str]] = [set() for _each in plain]
    told = [
        Example(text=each.text, themes=each.themes, unknown=frozenset(["closing"] if at >= 60 else []))
        for at, each in enumerate(plain)
    ]
    one, two = learn(plain, none), learn(told, none)
    assert one is not None
    assert two is not None
    assert one.model.weights["smell"] == two.model.weights["smell"]
    assert two.learnt.f1 == 1
    # What it says where it is unknown is neither right nor wrong.
    third = learn(told, [set(each.unknown) for each in told])
    assert third is not None
    assert third.words == two.words


def test_what_is_in_use_is_what_is_to_be_beaten() -> None:
    """A lesson of the same texts is no better than itself."""
    examples = [Example(text=f"jar {at} shuts", themes=frozenset(["shut"])) for at in range(40)]
    examples += [Example(text=f"candle {at} reeks", themes=frozenset(["smell"])) for at in range(40)]
    none: list[set[str]] = [set() for _each in examples]
    first = learn(examples, none)
    assert first is not None
    again = learn(examples, none, first.trial)
    assert again is not None
    assert (first.better, again.better) == (True, False)
