"""What people type into forms: updates that touch nothing else, money, masked values, references, and mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmkit.core.business.money import places
from crmkit.core.store.actor import Actor
from crmkit.web.pages.forms import Reading, form_of, may_run, read_form, submit
from crmkit.web.pages.forms.making import pairs_text
from crmkit.web.pages.forms.parsing import Malformed, day_of, decimal_of, instant_of, minor, pairs_of
from tests.web.conftest import Web
from tests.web.forms.calls import page_call, sent_by


def opportunity(web: Web, owner: str = "sam", **values: Any) -> Any:
    """Return a new opportunity of a customer."""
    given_values = {
        "customer_id": web.customers["Wang Lin"],
        "title": "Tea",
        "amount_minor": 12345,
        "currency": "EUR",
        "owner_id": web.users[owner],
        **values,
    }
    return web.crm.run(web.crm.system("a test"), "sales.opportunity.create", given_values)


def read(web: Web, operation: str, record: Any, changed: Iterable[tuple[str, str]], **options: Any) -> Reading:
    """Return what is read of a form in which some fields were changed."""
    crm = web.crm
    form = form_of(page_call(crm), operation, record, **options)
    sent = {**dict(sent_by(form)), **dict(changed)}
    return read_form(page_call(crm, sent=sent.items()), form)


def test_only_what_was_touched_is_changed(plugins_web: Web) -> None:
    """A form that was opened and sent changes nothing; one field that was typed in changes that one."""
    record = opportunity(plugins_web)
    assert {} == read(plugins_web, "sales.opportunity.update", record, []).values
    assert {"title": "Green tea"} == read(
        plugins_web, "sales.opportunity.update", record, [("title", " Green tea ")]
    ).values


def test_what_was_emptied_is_none(plugins_web: Web) -> None:
    """A field that may be empty is emptied, one that may not says so."""
    record = opportunity(plugins_web, expected_close=date(2026, 5, 1))
    emptied = read(plugins_web, "sales.opportunity.update", record, [("expected_close", "")])
    assert ({"expected_close": None}, ()) == (emptied.values, emptied.problems)
    missing = read(plugins_web, "sales.opportunity.update", record, [("title", "  ")])
    assert ["title"] == [problem.field for problem in missing.problems]


def test_money_is_typed_in_major_units(plugins_web: Web) -> None:
    """An amount goes with its currency, both or neither; more decimals than the currency has are refused."""
    record = opportunity(plugins_web)
    form = form_of(page_call(plugins_web.crm), "sales.opportunity.update", record)
    assert ("123.45", "EUR") == (form.field("amount_minor").value, form.field("amount_minor").currency)
    changed = read(plugins_web, "sales.opportunity.update", record, [("amount_minor", "1,000.5")])
    assert {"amount_minor": 100050, "currency": "EUR"} == changed.values
    other = read(plugins_web, "sales.opportunity.update", record, [("amount_minor", "900"), ("currency", "JPY")])
    assert {"amount_minor": 900, "currency": "JPY"} == other.values
    assert {"amount_minor": None, "currency": None} == read(
        plugins_web, "sales.opportunity.update", record, [("amount_minor", "")]
    ).values
    wrong = read(plugins_web, "sales.opportunity.update", record, [("amount_minor", "1.5"), ("currency", "JPY")])
    assert ["amount_minor"] == [problem.field for problem in wrong.problems]


def test_nothing_but_declared_fields_is_read(plugins_web: Web) -> None:
    """What a form does not show cannot be sent with it: neither other inputs nor columns of the table."""
    record = opportunity(plugins_web)
    forged = [
        ("stage", "won"),
        ("version", "99"),
        ("customer_id", str(plugins_web.customers["李秀英"])),
        ("title", "x"),
    ]
    assert {"title": "x"} == read(plugins_web, "sales.opportunity.update", record, forged).values
    narrow = read(plugins_web, "sales.opportunity.update", record, forged, without=("title",))
    assert {} == narrow.values
    fixed = read(
        plugins_web,
        "sales.opportunity.create",
        None,
        [("title", "Tea"), ("customer_id", "forged")],
        fixed={"customer_id": plugins_web.customers["Wang Lin"]},
    )
    assert plugins_web.customers["Wang Lin"] == fixed.values["customer_id"]


def test_a_masked_value_stays_until_it_is_emptied(plugins_web: Web) -> None:
    """What is sealed never stands in a form; left alone it stays, and a box empties it."""
    crm = plugins_web.crm
    customer = crm.run(
        crm.system("a test"),
        "customer.update",
        {"identity_kind": "passport", "identity_number": "P1234567"},
        target=plugins_web.customers["Wang Lin"],
    )
    with crm.session(crm.system("a test")) as session:
        record = session.get(type(customer), customer.id)
        form = form_of(page_call(crm), "customer.update", record, only=("identity_number", "city"), session=session)
    field = form.field("identity_number")
    assert ("", True, True) == (field.value, field.clearable, (field.masked or "").startswith("P"))
    untouched = read_form(page_call(crm, sent=sent_by(form)), form)
    assert {} == untouched.values
    emptied = read_form(page_call(crm, sent=[*sent_by(form), ("identity_number~empty", "true")]), form)
    assert {"identity_number": None} == emptied.values


def test_a_reference_is_found_by_its_name_without_script(plugins_web: Web) -> None:
    """A typed name means the one that it fits; of several one chooses; of none it is said."""
    crm = plugins_web.crm
    crm.run(crm.system("a test"), "customer.create", {"name": "Wang Lin Ltd", "kind": "organization"})

    def typed(text: str) -> Reading:
        form = form_of(page_call(crm), "sales.opportunity.create")
        sent = {**dict(sent_by(form)), "title": "Tea", "customer_id~q": text}
        return read_form(page_call(crm, sent=sent.items()), form)

    assert plugins_web.customers["Sofia Rossi"] == typed("sofia").values["customer_id"]
    assert plugins_web.customers["Wang Lin"] == typed("wang lin").values["customer_id"]
    several = typed("wang")
    offered = [choice.title for choice in several.form.field("customer_id").choices or ()]
    assert (["customer_id"], 2) == ([problem.field for problem in several.problems], len(offered))
    assert ["customer_id"] == [problem.field for problem in typed("nobody at all").problems]


def test_who_is_hidden_is_not_found(plugins_web: Web) -> None:
    """A reference to a customer whom somebody may not see is found by nobody's name, and has none."""
    crm = plugins_web.crm
    sam = Actor.user(plugins_web.users["sam"], "Sam")
    form = form_of(page_call(crm, sam), "sales.opportunity.create")
    sent = {**dict(sent_by(form)), "title": "Tea", "customer_id~q": "Sofia Rossi"}
    reading = read_form(page_call(crm, sam, sent=sent.items()), form)
    assert ["customer_id"] == [problem.field for problem in reading.problems]
    given_form = form_of(
        page_call(crm, sam), "sales.opportunity.create", initial={"customer_id": plugins_web.customers["Sofia Rossi"]}
    )
    assert "" == given_form.field("customer_id").label


def test_every_problem_is_at_its_field_and_nothing_typed_is_lost(plugins_web: Web) -> None:
    """What cannot be read, what is missing and what is out of bounds is said at once, each where it is."""
    form = form_of(page_call(plugins_web.crm), "warranty.register")
    sent = {
        **dict(sent_by(form)),
        "customer_id~q": "",
        "serial": "S" * 70,
        "starts_on": "the first of May",
        "months": "1000",
    }
    reading = read_form(page_call(plugins_web.crm, sent=sent.items()), form)
    assert {"customer_id", "serial", "starts_on", "months"} == {problem.field for problem in reading.problems}
    assert ("S" * 70, "the first of May") == (reading.form.field("serial").value, reading.form.field("starts_on").value)


def test_rows_are_added_and_left_out(plugins_web: Web) -> None:
    """Rows that nothing was typed in do not count, wherever they stand; a problem is at the row that is shown then."""
    form = form_of(page_call(plugins_web.crm), "customer.create")
    assert 3 == len(form.field("contact_points").rows)
    sent = {
        **dict(sent_by(form)),
        "name": "New",
        "contact_points.2.kind": "email",
        "contact_points.2.value": "a@example.com",
        "contact_points.7.kind": "phone",
        "contact_points.7.verified_at": "yesterday",
    }
    reading = read_form(page_call(plugins_web.crm, sent=sent.items()), form)
    assert ["contact_points.1.verified_at"] == [problem.field for problem in reading.problems]
    points = reading.values["contact_points"]
    assert ["email", "phone"] == [point["kind"] for point in points]
    assert "yesterday" == reading.form.field("contact_points.1.verified_at").value


def test_a_second_press_does_nothing_twice(plugins_web: Web) -> None:
    """The same form sent twice makes one record; changed after it was sent, it asks whether it is meant."""
    crm = plugins_web.crm
    form = form_of(page_call(crm), "product.create")
    sent = {**dict(sent_by(form)), "sku": "T-1"}
    first = submit(page_call(crm, sent=sent.items()), form)
    again = submit(page_call(crm, sent=sent.items()), form)
    assert first.result.id == again.result.id
    other = submit(page_call(crm, sent={**sent, "sku": "T-2"}.items()), form)
    assert (422, True) == (other.status, other.form is not None and other.form.key != form.key)


def test_who_was_slower_sees_what_stands_there_now(plugins_web: Web) -> None:
    """A form over a record that changed meanwhile is not saved: what was typed is kept, the rest is as it is now."""
    crm = plugins_web.crm
    system = crm.system("a test")
    record = opportunity(plugins_web)
    form = form_of(page_call(crm), "sales.opportunity.update", record)
    crm.run(
        system, "sales.opportunity.update", {"title": "Theirs", "expected_close": date(2026, 5, 1)}, target=record.id
    )
    sent = {**dict(sent_by(form)), "title": "Mine"}
    refused = submit(page_call(crm, sent=sent.items()), form)
    assert refused.form is not None
    assert (409, "Mine", "Theirs", "2026-05-01") == (
        refused.status,
        refused.form.field("title").value,
        refused.form.field("title").present,
        refused.form.field("expected_close").value,
    )
    saved = submit(page_call(crm, sent=[*sent_by(refused.form)]), refused.form)
    assert ("Mine", date(2026, 5, 1)) == (saved.result.title, saved.result.expected_close)


def test_why_not_is_said_beforehand(plugins_web: Web) -> None:
    """What somebody may not do is known before the form is sent, in words."""
    crm = plugins_web.crm
    sue = Actor.user(plugins_web.users["sue"], "Sue")
    assert may_run(page_call(crm), "product.create") is None
    assert "sales.opportunity.close" in (may_run(page_call(crm, sue), "sales.opportunity.win") or "")


# --- what texts mean -------------------------------------------------------------------------------------------------


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD", "CNY"]))
def test_amounts_are_exact(amount: int, currency: str) -> None:
    """Any amount that is shown is read as the same one."""
    shown = f"{amount / 10 ** places(currency):,.{places(currency)}f}"
    assert amount == minor(shown, currency)


@pytest.mark.parametrize("text", ["", "abc", "1e999999999", "NaN", "--1", "1.2.3", "∞"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Nothing but a number is one."""
    with pytest.raises(Malformed):
        decimal_of(text) and minor(text, "EUR")


@pytest.mark.parametrize("text", ["2026-3-1", "2026/03/01", "2026年3月1日", "2026.03.01", " 2026-03-01 "])
def test_days_are_read_as_people_write_them(text: str) -> None:
    """The parts of a day come in their order, however they are divided."""
    assert date(2026, 3, 1) == day_of(text)


def test_instants_are_in_the_zone_of_the_company() -> None:
    """A time without a zone is one of the company's clock."""
    zone = ZoneInfo("Asia/Shanghai")
    assert datetime(2026, 3, 1, 1, 30, tzinfo=UTC) == instant_of("2026-03-01T09:30", zone)
    assert datetime(2026, 3, 1, 9, 30, tzinfo=UTC) == instant_of("2026-03-01T09:30Z", zone)
    for text in ("tomorrow", "0001-01-01T00:00", "2026-13-01T00:00"):
        with pytest.raises(Malformed):
            instant_of(text, zone)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=12) | st.integers() | st.none(), max_size=4))
def test_names_with_values_come_back_as_they_were(pairs: dict[str, Any]) -> None:
    """Whatever stands in a field of names with values is read as the same ones."""
    assert pairs == pairs_of(pairs_text(pairs))


def test_a_record_is_offered_by_its_name(plugins_web: Web) -> None:
    """What refers to a record by its name is offered those that there are, by their titles; others can be typed."""
    crm = plugins_web.crm
    crm.run(crm.system("a test"), "work.queue.create", {"name": "wholesale", "title": "Large customers"})
    form = form_of(page_call(crm), "sales.lead.offer", None)
    queue = form.field("queue")
    assert "suggest" == queue.spec.kind
    assert ("wholesale", "Large customers") in [(each.value, each.title) for each in queue.choices or ()]
