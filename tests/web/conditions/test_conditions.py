"""The condition builder: rows and text say the same, and what is wrong is said where it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.symbols import Symbol, Words
from crmkit.engines.expressions.types import BOOLEAN, DATE, INSTANT, INTEGER, MONEY, TEXT, TEXTS
from crmkit.web.pages.conditions.comparisons import TESTS
from crmkit.web.pages.conditions.rows import Group, Row, Written, group_from, rows_of, text_of
from tests.web.conftest import Web

WORDS = Words.of(
    Symbol(name="a.so", type=BOOLEAN),
    Symbol(name="a.number", type=INTEGER, nullable=True),
    Symbol(name="a.money", type=MONEY),
    Symbol(name="a.text", type=TEXT, nullable=True),
    Symbol(name="a.day", type=DATE, nullable=True),
    Symbol(name="a.at", type=INSTANT, nullable=True),
    Symbol(name="a.tags", type=TEXTS),
    Symbol(name="a.keyed", type=INTEGER, keyed=True),
)
TYPED = {
    "day": st.dates().map(lambda day: day.isoformat()),
    "days": st.integers(0, 999).map(str),
    "number": st.integers(-999, 999).map(str),
    "text": st.text(st.characters(categories=("L", "N", "P"), exclude_characters="\0"), min_size=1, max_size=6),
}


@st.composite
def rows(draw: Any) -> Row:
    """A row that is complete."""
    symbol = draw(st.sampled_from(list(WORDS.symbols.values())))
    test = draw(st.sampled_from([test for test in TESTS.values() if symbol.type.kind in test.kinds]))
    kind = test.values if test.values != "fact" else "text" if symbol.type.kind in ("text", "list") else "number"
    count = {"none": 0, "one": 1, "two": 2, "many": draw(st.integers(1, 3))}[test.takes]
    values = [draw(TYPED[kind]) for _number in range(count)]
    return Row(fact=symbol.name, key="tea" if symbol.keyed else None, test=test.name, values=values)


groups = st.recursive(
    st.builds(Group, every=st.booleans(), items=st.lists(rows(), min_size=1, max_size=3)),
    lambda inner: st.builds(
        Group, every=st.booleans(), items=st.lists(st.one_of(rows(), inner), min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(group=groups)
def test_rows_and_text_are_each_made_from_the_other(group: Group) -> None:
    """The text of rows, read as rows again, gives the same text; nothing is lost on the way."""
    text, misfits = text_of(group, WORDS)
    assert [] == misfits
    again, _misfits = text_of(rows_of(parse(text), WORDS), WORDS)
    assert parse(text) == parse(again)


@pytest.mark.parametrize(
    "text",
    [
        "a.number > a.number * 2",
        "(a.so ? a.number : 1) > 0",
        "years_since(a.day) >= 18",
        'a.text == "x" and not (a.so and a.number > 1)',
        "a.unheard_of == 1 or a.so",
    ],
)
def test_what_no_row_can_say_stays_as_text(text: str) -> None:
    """A part that no row can say is a row of text, and comes back as it was."""
    found = rows_of(parse(text), WORDS)
    assert any(isinstance(item, Written) for item in found.items)
    written = [item.text for item in found.items if isinstance(item, Written)]
    assert all(part in text for part in written)


def test_a_row_that_is_not_finished_is_named_and_left_out() -> None:
    """The others count; the one without a value says what it lacks."""
    group = Group(
        every=True, items=[Row(fact="a.so", key=None, test="true"), Row(fact="a.number", key=None, test="more")]
    )
    text, misfits = text_of(group, WORDS)
    assert ("a.so", [((1,), "Say a value.")]) == (text, [(each.path, str(each.message)) for each in misfits])


# --- over the network ------------------------------------------------------------------------------------------------


def ask(web: Web, login: str = "max", language: str = "en", **values: str) -> Any:
    """Ask the builder's endpoint."""
    return web.client(login, language=language).post("/conditions", values).json()


def test_a_text_comes_back_as_rows_and_in_words(sqlite_web: Web) -> None:
    """Facts by their names, values as they are typed, and the whole in the reader's language."""
    found = ask(sqlite_web, text='purchase.count >= 3 and label.activity == "silent"')
    assert [("purchase.count", "at_least", ["3"]), ("label.activity", "is", ["silent"])] == [
        (item["fact"], item["test"], item["values"]) for item in found["group"]["items"]
    ]
    assert "Purchases is at least 3 and Activity is Silent" == found["words"]
    assert "购买" in ask(sqlite_web, language="zh_Hans", text="purchase.count >= 3")["words"]


def test_a_mistake_is_told_at_its_column_with_what_was_meant(sqlite_web: Web) -> None:
    """Nothing is guessed: the rows stay as they were, and the place is named."""
    found = ask(sqlite_web, text="purchase.cuont >= 3")
    assert (None, 1) == (found["group"], found["problems"][0]["column"])
    assert "purchase.count" in found["problems"][0]["message"]


def test_rows_become_a_text(sqlite_web: Web) -> None:
    """What was chosen in rows is the text that the form sends."""
    tree = {"every": False, "items": [
        {"fact": "customer.city", "key": None, "test": "one_of", "values": ["上海", 'a"b']},
        {"fact": "purchase.last_at", "key": None, "test": "since>", "values": ["60"]},
    ]}  # fmt: skip
    found = ask(sqlite_web, tree=json.dumps(tree))
    assert 'customer.city in ["上海", "a\\"b"] or days_since(purchase.last_at) > 60' == found["text"]


@pytest.mark.parametrize(
    "tree",
    ["[]", "{}", '{"items": 1}', '{"items": [{"fact": 1}]}', "[" * 50_000, '{"items": [[]]}', "nonsense", "null"],
)
def test_rows_that_are_none_are_told_as_such(sqlite_web: Web, tree: str) -> None:
    """Whatever is sent in their place, it is an answer with a problem and no failure."""
    assert ask(sqlite_web, tree=tree)["problems"] or tree == "{}"


def test_rows_have_an_end(sqlite_web: Web) -> None:
    """Too many rows are refused as such."""
    with pytest.raises(Exception, match="cannot be read"):
        group_from({"items": [{"fact": "a", "values": []}] * 500})


def test_what_is_masked_is_neither_offered_nor_told(sqlite_web: Web) -> None:
    """Who sees no names gets no fact about them, and no values of one."""
    client = sqlite_web.client("ann")
    offered = {fact["name"] for fact in client.get("/conditions/vocabulary").json()["facts"]}
    assert (False, True) == ("customer.city" in offered, "purchase.count" in offered)
    assert [] == client.get("/conditions/values?fact=customer.city").json()
    assert ask(sqlite_web, "ann", text='customer.city == "上海"')["problems"]
    assert ["上海", "杭州"] == sorted(sqlite_web.client("sam").get("/conditions/values?fact=customer.city").json())[-2:]


def test_an_event_brings_its_fields_with_it(sqlite_web: Web) -> None:
    """With the event of a rule its fields can be chosen, by titles and with their values."""
    facts = sqlite_web.client("ada").get("/conditions/vocabulary?event=interaction.recorded").json()["facts"]
    kind = next(fact for fact in facts if fact["name"] == "event.kind")
    assert ("Kind", ["purchase", "Purchase"]) == (kind["title"], next(o for o in kind["options"] if o[0] == "purchase"))
