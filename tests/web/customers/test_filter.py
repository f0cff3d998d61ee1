"""The builder of filters: rows and text are two ways to write one tree."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.printing import printed
from crmkit.web.pages.customers.conditions import PART, SIGNS, Row, Rows, rows_of, text_of
from tests.web.customers.conftest import People, names_in

KINDS = {
    "customer.city": "text",
    "purchase.count": "number",
    "purchase.last_at": "moment",
    "customer.tags": "list",
    "contact.has_email": "boolean",
    "email": "exact",
}


@pytest.mark.parametrize(
    "text",
    [
        'purchase.count >= 3 and days_since(purchase.last_at) > 60 and customer.city in ["上海", "杭州"]',
        '"vip" in customer.tags or "vip" not in customer.tags',
        "customer.city == null and (purchase.count == 1 or contact.has_email)",
        "not contact.has_email",
        "between(purchase.count, -1, 5)",
        "between(days_since(purchase.last_at), 0, 30)",
        'date(purchase.last_at) < date("2020-01-01")',
        'contains(customer.city, "a") and startsWith(customer.city, "b")',
        'any_of(customer.tags, ["a", "b"])',
        'customer.city in ["a, b"]',
        'customer.city == "x\\"y"',
        "purchase.count * 2 > 3",
        "contact.has_email == false",
    ],
)
def test_rows_say_what_the_text_says(text: str) -> None:
    """The tree that comes from the rows of a text is that of the text."""
    assert printed(parse(text)) == printed(parse(text_of(rows_of(text, KINDS.get), KINDS.get)))


_values = {
    "text": st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=",，、;\u2028"), min_size=1),
    "list": st.just("a, b"),
    "number": st.integers(-(10**9), 10**9).map(str),
    "pair": st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda pair: f"{pair[0]}..{pair[1]}"),
    "days": st.integers(0, 9999).map(str),
    "day": st.dates().map(lambda day: day.isoformat()),
    "none": st.just(""),
}


@st.composite
def _rows(draw: st.DrawFn) -> Row:
    name = draw(st.sampled_from(sorted(KINDS)))
    sign = draw(st.sampled_from(SIGNS[KINDS[name]]))
    return Row(name=name, sign=sign.name, value=draw(_values[sign.takes]).strip())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(_rows(), min_size=1, max_size=5), st.sampled_from(["and", "or"]))
def test_what_rows_write_is_read_back_as_the_same_rows(rows: list[Row], join: str) -> None:
    """Rows to text and back: nothing is lost, whatever is typed."""
    kept = [row for row in rows if row.value or row.sign in ("known", "unknown", "yes", "no")]
    given = Rows(join=join, rows=kept)  # type: ignore[arg-type]
    text = text_of(given, KINDS.get)
    if not text:
        assert [] == kept
        return
    back = rows_of(text, KINDS.get)
    assert [row.name for row in kept] == [row.name for row in back.rows]
    assert text == text_of(back, KINDS.get)


def test_a_part_without_a_row_of_its_own_stays_as_text(people: People) -> None:
    """It is shown, can be edited, and is kept."""
    text = 'city == "上海" and (purchase.count > 1 or purchase.count == 0)'
    shown = people.at("ada").post("/customers/filter", {"filter": text}).text
    assert f'value="{PART}"' in shown
    assert 'value="purchase.count &gt; 1 or purchase.count == 0"' in shown


def test_rows_that_were_changed_are_the_filter(people: People) -> None:
    """What was touched last counts, and words say it in the reader's language."""
    rows = {
        "source": "rows",
        "join": "and",
        "fact": ["city", "purchase.count"],
        "key": ["", ""],
        "sign": ["is", "lt"],
        "operand": ["上海", "3"],
        "filter": "something else",
    }
    english = people.at("ada").post("/customers/filter", rows).text
    chinese = people.at("ada", "zh_Hans").post("/customers/filter", rows).text
    assert "city == &#34;上海&#34; and purchase.count &lt; 3" in english
    assert "Purchases is less than 3" in english
    assert "City is" not in chinese


def test_a_mistake_in_the_text_is_pointed_at(people: People) -> None:
    """With a mark below the place and the name that was meant, which one tap puts in."""
    response = people.at("ada").post(
        "/customers/filter", {"source": "text", "filter": 'city == "x" and purchse.count > 1'}
    )
    assert 422 == response.status_code
    assert "city == &#34;x&#34; and purchse.count &gt; 1\n                ^" in response.text
    assert 'data-builder-suggest="purchase.count"' in response.text


def test_a_fact_that_is_masked_is_not_offered(people: People) -> None:
    """An analyst can build no filter by a city."""
    assert 'value="customer.city"' in people.at("ada").post("/customers/filter", {}).text
    assert 'value="customer.city"' not in people.at("ann").post("/customers/filter", {}).text


def test_a_filter_by_owner_offers_names(people: People) -> None:
    """Ids are for machines."""
    rows = {"source": "rows", "fact": "owner_id", "key": "", "sign": "is", "operand": str(people.web.users["sam"])}
    shown = people.at("ada").post("/customers/filter", rows).text
    assert f'<option value="{people.web.users["sam"]}" selected>Sam Seller</option>' in shown
    text = f'owner_id == "{people.web.users["sam"]}"'
    found = people.at("ada").get("/customers", params={"filter": text}).text
    assert ["Wang Lin", "李秀英"] == names_in(found, people.customers)
