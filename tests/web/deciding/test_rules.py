"""Pages of rules: the form and the definition say the same, a rule is tried before it is on, its log says why."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit.engines.definitions.publishing import find
from crmkit.hooks.rules import Do
from crmkit.web.pages.deciding.rules.drafting import expression_of, plain_of
from tests.web.conftest import Web
from tests.web.deciding.conftest import plain

RULE = {
    "title": "Thank for purchases",
    "kind": "event",
    "on": "interaction.recorded",
    "when": 'event.kind == "purchase"',
    "among": "true",
    "actions": "1",
    "a0.operation": "customer.tag",
    "a0.input.names": "thanked, tea",
    "once": "customer",
}


def save(web: Web, login: str = "ada", **values: str) -> Any:
    """Send the form of a new rule."""
    return web.client(login).post("/rules/save", {**RULE, **values})


def stored(web: Web, name: str = "thank_for_purchases") -> Any:
    """Return a rule as it is kept."""
    with web.crm.session(web.crm.system("reading a rule")) as session:
        return find(session, "rule", name)


@pytest.mark.parametrize(
    ("typed", "hint", "kept"),
    [
        ("tea", str, '"tea"'),
        ("= customer.city", str, "customer.city"),
        ("a, b", tuple[str, ...], ['"a"', '"b"']),
        ("5", int, "5"),
        ("true", bool, "true"),
        ('say "hi"', str, '"say \\"hi\\""'),
    ],
)
def test_what_is_typed_plainly_is_the_value_itself(typed: str, hint: Any, kept: Any) -> None:
    """Only what begins with = is computed; and what is kept is shown as it was typed."""
    assert (kept, typed) == (expression_of(typed, hint), plain_of(kept))


def test_a_new_rule_is_kept_as_typed_and_off(bought: Web) -> None:
    """Nothing is set off by a rule that nobody has turned on."""
    assert "/rules/thank_for_purchases" == save(bought).headers["location"]
    item = stored(bought)
    assert (False, (Do(operation="customer.tag", arguments={"names": ['"thanked"', '"tea"']}),), "customer") == (
        item.enabled,
        item.value.then,
        item.value.once_per,
    )
    text = plain(bought.client("ada").get("/rules/thank_for_purchases").text)
    for told in ("Something happened with a customer", "Kind is Purchase", "Tag the customer", "names: thanked, tea"):
        assert told in text


def test_the_editor_shows_a_rule_as_it_is_and_keeps_it(bought: Web) -> None:
    """Opened and saved without a change it is the same; what is wrong leaves everything as typed."""
    save(bought, control="10", cooldown="3 days", priority="5")
    before = stored(bought).value
    page = bought.client("ada").get("/rules/thank_for_purchases/edit").text
    assert 'value="thanked, tea"' in page
    again = {
        **RULE,
        "name": "thank_for_purchases",
        "known": "true",
        "control": "10",
        "cooldown": "3 days",
        "priority": "5",
    }
    assert 303 == save(bought, **again).status_code
    assert before == stored(bought).value
    wrong = save(bought, **{**again, "when": "event.knid == 1", "a0.input.names": "kept <b>"})
    assert (422, True, True) == (wrong.status_code, "event.knid" in wrong.text, "kept &lt;b&gt;" in wrong.text)


def test_another_operation_brings_its_own_fields(bought: Web) -> None:
    """The form is made from the operation's signature; one more can be added, and taken away."""
    client = bought.client("ada")
    changed = client.post("/rules/form", {**RULE, "a0.operation": "customer.pin_label"}).text
    assert ('name="a0.input.dimension"' in changed, 'name="a0.input.names"' in changed) == (True, False)
    assert 'name="a1.operation"' in client.post("/rules/form", {**RULE, "add": "1"}).text
    assert 'name="a0.operation"' not in client.post("/rules/form", {**RULE, "a0.gone": "1"}).text


def test_a_back_test_says_what_it_would_have_done(bought: Web) -> None:
    """Of eight purchases in 90 days, those of two customers; nothing is saved by it."""
    text = plain(bought.client("ada").post("/rules/backtest", {**RULE, "name": "tried"}).text)
    assert "2 Firings" in text
    assert "2 Customers" in text
    assert "There is no rule yet" in plain(bought.client("ada").get("/rules").text)
    broken = plain(bought.client("ada").post("/rules/backtest", {**RULE, "when": "nonsense("}).text)
    assert "too early" in broken


def test_a_rule_is_said_in_words_while_it_is_typed(bought: Web) -> None:
    """With what is not right yet, such as that it does nothing."""
    client = bought.client("ada")
    assert "It can be used." in plain(client.post("/rules/preview", RULE).text)
    assert "at least one thing" in plain(client.post("/rules/preview", {**RULE, "a0.operation": ""}).text)


def test_the_log_says_what_became_of_it(bought: Web) -> None:
    """A firing with whom it was for; trying it explains each part."""
    save(bought, on_now="1")
    values = {
        "kind": "purchase",
        "customer_id": str(bought.customers["Wang Lin"]),
        "lines": [{"description": "T", "amount": "9"}],
    }
    bought.crm.run(bought.crm.system("a purchase"), "interaction.record", values)
    bought.crm.worker().run_until_idle()
    text = plain(bought.client("ada").get("/rules/thank_for_purchases").text)
    assert "fired Wang Lin" in text
    tried = plain(bought.client("ada").part("/rules/thank_for_purchases?customer=Wang Lin").text)
    assert "It holds for Wang Lin." in tried


def test_who_may_not_change_rules_reads_them(bought: Web) -> None:
    """The page with the reason; the editor is no page, the acts are refused."""
    save(bought)
    client = bought.client("mia")
    assert "Changing rules needs the right rule.admin." in client.get("/rules/thank_for_purchases").text
    assert [404, 404, 404] == [
        client.get("/rules/new").status_code,
        client.post("/rules/backtest", RULE).status_code,
        save(bought, "mia").status_code,
    ]
    assert 403 == client.post("/rules/thank_for_purchases/enable").status_code
