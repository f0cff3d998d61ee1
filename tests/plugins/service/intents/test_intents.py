"""Intents: how good a model is on a stated split, what it says of a case, what a person makes of it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy
import pytest
from crmkit_service.intents.errors import BrokenModel, TooFewExamples
from crmkit_service.intents.learning import Example, Lesson, fifth_of, learn
from crmkit_service.intents.models import IntentModel, IntentSuggestion
from crmkit_service.intents.text_model import model_from
from crmkit_service.intents.training import examples_in, keep, train
from crmkit_service.intents.wording import cleaned, terms_of
from sqlalchemy import select

from crmkit import CRM
from crmkit.errors import InvalidInput, NotFound
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.work.staff import SYSTEM

__all__ = ["crmkit", "pristine"]

WORDS = {
    "late": ("delivery", "parcel", "late", "waiting", "courier", "arrive", "tracking", "shipped"),
    "broken": ("broken", "cracked", "leaks", "handle", "damaged", "replace", "kettle", "glass"),
    "invoice": ("invoice", "tax", "billing", "receipt", "copy", "number", "company", "accounting"),
}


def texts(each: int = 40) -> list[Example]:
    """Return texts of three intents, made of their words."""
    found = []
    for intent, words in WORDS.items():
        for number in range(each):
            chosen = [words[(number * step + step) % len(words)] for step in (1, 3, 5)]
            found.append(
                Example(text=f"My {chosen[0]} and the {chosen[1]}, please {chosen[2]} {number}", intent=intent)
            )
    return found


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """What the texts teach, learnt once."""
    return learn(texts())


def test_the_split_follows_from_the_texts(lesson: Lesson) -> None:
    """A fifth is held out, by the hash of each text; the same texts give the same model."""
    held = [each for each in texts() if fifth_of(each.text) == 0]
    assert lesson.evaluation.held_out == len(held)
    assert lesson.evaluation.learnt_from == len(texts()) - len(held)
    assert fifth_of("I am still waiting on my card?") == 2
    again = learn(texts())
    assert (again.model.terms, again.model.temperature) == (lesson.model.terms, lesson.model.temperature)
    assert numpy.array_equal(again.model.weights, lesson.model.weights)


def test_how_good_it_is_is_what_was_held_out_says(lesson: Lesson) -> None:
    """Accuracy, its interval, calibration and bands belong together."""
    found = lesson.evaluation
    assert found.accuracy >= 0.9
    assert found.low <= found.accuracy <= found.high
    assert sum(each.n for each in found.bands) == found.held_out
    assert sum(each.n for each in found.per_intent) == found.held_out
    right = sum(each.recall * each.n for each in found.per_intent)
    assert right == pytest.approx(found.accuracy * found.held_out)


def test_a_model_says_why(lesson: Lesson) -> None:
    """With probabilities that add up, and nothing for a text of which it knows no word."""
    guesses = lesson.model.guess("The kettle is broken and leaks")
    assert guesses[0].intent == "broken"
    assert sum(each.probability for each in guesses) == pytest.approx(1.0)
    assert "leaks" in lesson.model.because("The kettle is broken and leaks", "broken")
    assert lesson.model.guess("囍") == []


def test_a_model_is_arrays_and_nothing_that_runs(lesson: Lesson, tmp_path: Path) -> None:
    """It is read as it was written; an archive with anything else in it is refused."""
    content = lesson.model.to_bytes()
    again = model_from(content)
    text = "Where is my parcel, it is late"
    assert [each.intent for each in again.guess(text)] == [each.intent for each in lesson.model.guess(text)]
    assert again.guess(text)[0].probability == pytest.approx(lesson.model.guess(text)[0].probability, abs=1e-3)
    numpy.savez(tmp_path / "evil.npz", format=numpy.array([object()], dtype=object))
    for wrong in (b"", b"no archive", (tmp_path / "evil.npz").read_bytes(), content[: len(content) // 2]):
        with pytest.raises(BrokenModel):
            model_from(wrong)


def test_what_points_at_a_person_is_in_no_model() -> None:
    """Addresses, links and long numbers are marks."""
    assert "@" not in cleaned("Write to lin@example.com")
    assert "20931" not in " ".join(terms_of("Order 20931 of lin@example.com at https://x.example/a"))
    assert "w 茶 壶" in terms_of("茶壶漏水")


def test_too_little_teaches_nothing() -> None:
    """It says how much there is."""
    with pytest.raises(TooFewExamples, match="There are 0 texts"):
        learn(texts(3))
    with pytest.raises(TooFewExamples):
        learn([Example(text=f"Only one {number}", intent="one") for number in range(100)])


def test_a_file_is_read_by_its_headings(tmp_path: Path) -> None:
    """In either language; without them it is refused."""
    path = tmp_path / "labels.csv"
    path.write_text("文本,意图\n茶壶漏水,broken\n,late\n", "utf-8")
    assert examples_in(path) == [Example(text="茶壶漏水", intent="broken")]
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InvalidInput, match="column text and a column category"):
        examples_in(path)


@pytest.fixture
def learnt(crm: CRM, lesson: Lesson) -> Any:
    """A base with a model in use, and a customer."""
    model = keep(crm, SYSTEM, lesson, texts(), "file")
    crm.run(SYSTEM, "service.intent_model.adopt", {}, target=model)
    return crm, crm.run(SYSTEM, "customer.create", {"name": "Lin"}).id


def test_a_case_gets_a_suggestion_that_a_person_confirms(learnt: Any) -> None:
    """The intent of the case is what was confirmed, and it goes to the queue of the intent."""
    crm, customer = learnt
    queue = crm.run(SYSTEM, "work.queue.create", {"name": "repairs", "title": "Repairs"})
    values = {
        "customer_id": customer,
        "subject": "Kettle",
        "body": "The handle is broken and it leaks",
        "channel": "form",
    }
    case = crm.run(SYSTEM, "service.case.create", values)
    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        found = session.scalars(select(IntentSuggestion)).one()
        assert (found.case_id, found.intent, found.answer) == (case.id, "broken", None)
        assert found.probability is not None
        assert found.probability > 0.5
        assert "broken" in str(found.because)
        from crmkit_service.intents.models import Intent

        intent = session.scalars(select(Intent).where(Intent.name == "broken")).one()
    crm.run(SYSTEM, "service.intent.update", {"queue_id": queue.id}, target=intent)
    done = crm.run(SYSTEM, "service.intent.confirm", {"intent": "broken"}, target=case)
    assert (done.intent, done.queue_id) == ("broken", queue.id)
    with pytest.raises(NotFound, match="no intent unknown"):
        crm.run(SYSTEM, "service.intent.confirm", {"intent": "unknown"}, target=case)


def test_models_take_turns(learnt: Any) -> None:
    """One is in use at a time; without one nothing is suggested."""
    crm, customer = learnt
    with crm.session(SYSTEM) as session:
        model = session.scalars(select(IntentModel)).one()
    crm.run(SYSTEM, "service.intent_model.retire", {}, target=model)
    case = crm.run(SYSTEM, "service.case.create", {"customer_id": customer, "subject": "Broken", "body": "It leaks"})
    assert crm.run(SYSTEM, "service.intent.suggest", {}, target=case) is None


def test_a_model_learns_from_what_people_confirmed(lite: CRM) -> None:
    """From the subjects and first messages of cases with an intent; kept as a candidate."""
    customer = lite.run(SYSTEM, "customer.create", {"name": "Lin"}).id
    with lite.transaction(SYSTEM) as session:
        for each in texts(16):
            values = {"customer_id": customer, "subject": each.text, "intent": each.intent, "channel": "form"}
            session.run("service.case.create", values)
    train(lite, SYSTEM)
    with lite.session(SYSTEM) as session:
        found = session.scalars(select(IntentModel)).one()
        assert (found.state, found.source, found.examples, found.intents) == ("candidate", "cases", 48, 3)


def test_the_command_states_accuracy_and_time(crmkit: Crmkit, tmp_path: Path) -> None:
    """With every figure for programs; what is learnt is kept, adopted and tried."""
    crmkit.has("work", "service")
    path = tmp_path / "labels.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "category"])
        writer.writerows([each.text, each.intent] for each in texts())
    told = crmkit.json("service", "intents", "evaluate", str(path))
    assert told["held_out"] + told["learnt_from"] == len(texts())
    assert told["accuracy"] >= 0.9
    assert told["seconds"] > 0
    assert crmkit.json("service", "intents", "learn", str(path))["number"] == 1
    crmkit.ok("service", "intents", "adopt", "1")
    (model,) = crmkit.json("service", "intents", "list")["items"]
    assert model["state"] == "adopted"
    (first, *_others) = crmkit.json("service", "intents", "try", "the kettle is broken")["items"]
    assert first["intent"] == "broken"
