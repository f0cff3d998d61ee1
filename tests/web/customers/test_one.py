"""One customer in full: what is shown, what is masked, why a label is so, and what a failing plugin costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from crmkit.core.operations.tables import AuditRecord
from crmkit.errors import PluginError
from tests.web.conftest import Web
from tests.web.customers.conftest import People


def test_somebody_elses_customer_looks_like_none_at_all(people: People) -> None:
    """Of every address below a customer the answer is the same, whether it is hidden or not there."""
    client = people.at("sam")
    hidden, none = people.page("Sofia Rossi"), f"/customers/{uuid4()}"
    for path in ("", "/edit", "/timeline", "/history", "/field/city", f"/files/{uuid4()}", "/segments/x"):
        answers = [client.get(f"{base}{path}") for base in (hidden, none)]
        assert [404, 404] == [answer.status_code for answer in answers], path
        ids = [base.rpartition("/")[2] for base in (hidden, none)]
        texts = [answer.text.replace(identity, "") for answer, identity in zip(answers, ids, strict=True)]
        assert texts[0] == texts[1], path
    for path, values in (
        ("/record", {"kind": "note", "body": "x"}),
        ("/tag", {"name": "x"}),
        ("/edit", {"city": "x"}),
        ("/field/city", {"value": "x"}),
        ("/pin", {"choice": "activity:silent"}),
        ("/reveal", {"reason": "x"}),
        ("/relationships", {"kind": "x"}),
        ("/files", {}),
    ):
        answers = [client.post(f"{base}{path}", values) for base in (hidden, none)]
        assert [404, 404] == [answer.status_code for answer in answers], path
    assert ([], []) == (people.tags("Sofia Rossi"), people.interactions("Sofia Rossi"))


def test_what_is_sealed_is_masked_until_it_is_revealed_for_a_reason(people: People) -> None:
    """The reveal is audited with the reason, and shown once."""
    client, page = people.at("sam"), people.page("Wang Lin")
    assert "0@example.com" not in client.get(page).text
    assert 422 == client.post(f"{page}/reveal", {"reason": " "}).status_code
    shown = client.post(f"{page}/reveal", {"reason": "She asked me to write"})
    assert (200, True) == (shown.status_code, "0@example.com" in shown.text)
    assert "no-store" in shown.headers["cache-control"]
    assert "0@example.com" not in client.get(page).text
    with people.crm.session(people.system) as session:
        reasons = session.scalars(select(AuditRecord.reason).where(AuditRecord.operation == "reveal")).all()
    assert ["She asked me to write"] == list(reasons)


def test_buttons_for_what_is_not_allowed_say_why(people: People) -> None:
    """They are there, disabled, with the reason."""
    text = people.at("ann").get(people.page("Wang Lin")).text
    assert "Your role does not grant customer.update." in text
    assert 'data-dialog-open="log-call"' not in text


def test_a_customer_of_a_colleague_is_shown_and_not_changed(people: People) -> None:
    """The reason is that it is not the own one; a form that is sent nevertheless changes nothing."""
    team = people.crm.run(people.system, "team.create", {"name": "Below", "parent_id": people.team("North")}).id
    people.run("customer.assign", {"owner_id": str(people.web.users["mia"]), "team_id": str(team)},
               target=people.customers["Blue Kettle Ltd"])  # fmt: skip
    page = people.page("Blue Kettle Ltd")
    client = people.at("sam")
    assert "and not with this one" in client.get(page).text
    assert 403 == client.post(f"{page}/tag", {"name": "x"}).status_code
    assert [] == people.tags("Blue Kettle Ltd")


def _bought(people: People, name: str, *days_ago: int) -> None:
    now = datetime.now(UTC)
    for days in days_ago:
        people.run(
            "interaction.record",
            {
                "kind": "purchase",
                "customer_id": str(people.customers[name]),
                "occurred_at": (now - timedelta(days=days)).isoformat(),
                "lines": [{"description": "Oolong", "amount": "120"}],
            },
        )


def test_a_label_says_why_in_plain_words(people: People) -> None:
    """Silent, since when, because the last purchase was so long ago when usually so many days pass."""
    _bought(people, "Wang Lin", 160, 130, 100, 70)
    people.run("classification.run", {"complete": True})
    english = people.at("sam").get(people.page("Wang Lin")).text
    chinese = people.at("sam", "zh_Hans").get(people.page("Wang Lin")).text
    assert "because the last purchase was 70 days ago" in english
    assert "usually the next one comes within 30 days" in english
    assert "because the last purchase" not in chinese
    assert "因为上次购买在 70 天前" in chinese


def test_a_label_can_be_pinned_and_given_back(people: People) -> None:
    """A person's decision holds at once, and says that it is one."""
    client, page = people.at("sam"), people.page("Wang Lin")
    assert 303 == client.post(f"{page}/pin", {"choice": "activity:silent", "reason": "told me"}).status_code
    assert "because somebody has decided so" in client.get(page).text
    assert 303 == client.post(f"{page}/unpin", {"dimension": "activity"}).status_code
    assert "because somebody has decided so" not in client.get(page).text
    assert 422 == client.post(f"{page}/pin", {"choice": "activity:nonsense"}).status_code


def test_the_timeline_is_filtered_and_paged(people: People) -> None:
    """By kind, direction and period; the next part goes on where the last one ended."""
    _bought(people, "Wang Lin", *range(1, 25))
    client, page = people.at("sam"), people.page("Wang Lin")
    client.post(f"{page}/record", {"kind": "call", "outcome": "reached", "direction": "in"})
    count = lambda text: text.count('class="entry entry-')  # noqa: E731
    assert 1 == count(client.part(f"{page}/timeline?kind=call").text)
    assert 0 == count(client.part(f"{page}/timeline?kind=call&direction=out").text)
    day = (datetime.now(UTC) - timedelta(days=10)).date()
    assert 1 == count(client.part(f"{page}/timeline?first={day}&last={day}").text)
    first = client.part(f"{page}/timeline?kind=purchase").text
    before = re.search(r'before=([^"&]+)', first)
    assert before is not None
    second = client.part(f"{page}/timeline?kind=purchase&before={before[1]}").text
    assert (15, 9) == (count(first), count(second))
    assert "There is nothing here" not in client.part(f"{page}/timeline?before=nonsense").text


def test_a_failing_plugin_costs_its_own_frame(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and the rest of the page is complete."""
    from crmkit.engines.overview import overview as module

    def failing(session: object, customer_id: object, failed: dict[str, PluginError]) -> list[object]:
        failed["broken"] = PluginError("it broke", plugin="broken")
        return []

    monkeypatch.setattr(module, "_panels", failing)
    text = people.at("sam").get(people.page("Wang Lin")).text
    assert "This part could not be shown. The rest of the page is complete." in text
    assert "What happened" in text
    assert "it broke" not in text


def test_a_customer_is_shown_as_it_stood_on_a_day(people: People) -> None:
    """Without buttons, as the past cannot be changed."""
    client, page = people.at("sam"), people.page("Wang Lin")
    with people.crm.session(people.system) as session:
        today = session.today()
    text = client.get(f"{page}?on={today}").text
    assert "This is how it stood at the end of" in text
    assert 'data-dialog-open="log-call"' not in text
    assert 404 == client.get(f"{page}?on=1999-01-01").status_code


def test_the_customers_own_time_is_told(people: People) -> None:
    """Where its zone is known and is not the company's."""
    page = people.page("Wang Lin")
    assert "there now" not in people.at("sam").get(page).text
    people.run("customer.update", {"time_zone": "America/New_York"}, target=people.customers["Wang Lin"])
    assert "there now" in people.at("sam").get(page).text


def test_the_history_says_who_changed_what(people: People) -> None:
    """With names, and what is sealed masked."""
    client, page = people.at("sam"), people.page("Wang Lin")
    client.post(f"{page}/edit", {"city": "苏州", "before.city": "上海", "name": "Wang Lin", "before.name": "Wang Lin"})
    text = client.get(f"{page}/history").text
    assert "苏州" in text
    assert "Sam Seller" in text


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "</title><svg/onload=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
)


def test_scripts_in_every_field_are_shown_as_text(sqlite_web: Web) -> None:
    """Whatever stands in a record, the pages show it and run nothing."""
    people = People(sqlite_web)
    people.run("custom_field.create", {"resource": "customer", "name": "remark", "type": "text", "title": PAYLOADS[0]})
    client = people.at("ada")
    for payload in PAYLOADS:
        made = people.run(
            "customer.create",
            {
                "name": payload,
                "family_name": payload,
                "salutation": payload[:60],
                "job_title": payload,
                "city": payload,
                "province": payload,
                "source": payload,
                "tags": [payload],
                "interests": [payload],
                "custom": {"remark": payload},
                "preferences": {payload: payload},
                "contact_points": [{"kind": "social", "value": payload, "label": payload[:40]}],
                "identifiers": [{"source": "shop", "external_id": payload}],
            },
        )
        page = f"/customers/{made.id}"
        client.post(f"{page}/record", {"kind": "note", "body": payload})
        client.post("/customers/views", {"title": payload, "filter": ""})
        people.run(
            "relationship.add", {"other_id": str(people.customers["Wang Lin"]), "kind": payload[:60]}, target=made.id
        )
        texts = [
            client.get(path).text
            for path in (page, f"{page}/edit", f"{page}/history", f"{page}/field/city", "/customers")
        ]
        texts.append(client.post("/customers", {"search": payload, "column": ["city", "tags", "source"]}).text)
        texts.append(client.post("/customers", {"filter": payload}).text)
        texts.append(client.post("/customers/find", {"search": payload}).text)
        for text in texts:
            for wrong in (
                "<script>alert",
                "<img src=x",
                "<svg/onload",
                "' autofocus onfocus=alert",
                'href="javascript:',
            ):
                assert wrong not in text.replace("&#39;", "&quot;")
        assert "49" not in texts[0].partition("<h1>")[2].partition("</h1>")[0] or payload != "{{ 7 * 7 }}"
