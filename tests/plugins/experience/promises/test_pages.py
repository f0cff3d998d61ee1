"""The page of promises and their report: what they show to whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit import Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.experience.promises.base import Base
from tests.plugins.experience.promises.test_promises import DUE
from tests.web.conftest import Web, people

HOSTILE = "<script>alert('x')</script>"


def fill(crm: CRM) -> Any:
    """People with customers, and experience."""
    users, customers = people(crm)
    crm.enable("experience")
    return dict(users), dict(customers)


@pytest.fixture
def web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """Experience behind its doors."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, files=tmp_path / "files")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield web
        for client in web.clients:
            client.close()


def promised(web: Web, customer: str = "Wang Lin", what: str = "Call about the kettle") -> Any:
    """Return a new promise that is due in two days."""
    values = {"customer_id": web.customers[customer], "what": what, "kind": "call_back"}
    system = web.crm.system("a test")
    with web.crm.session(system) as session:
        due = session.gate.clock.business_now() + timedelta(days=2)
    return web.crm.run(system, "experience.promise.make", values | {"due_at": due})


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_promises_are_listed_with_what_can_be_done_and_texts_are_inert(web: Web, language: str) -> None:
    promised(web, what=f"Call {HOSTILE}")
    page = web.client("sam", language=language).get("/modules/experience/promises").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    for name in ("keep", "break", "move", "withdraw"):
        assert f"/operations/experience.promise.{name}?" in page


def test_nobody_elses_promises_are_shown(web: Web) -> None:
    promised(web, "Sofia Rossi", "Send the invoice")
    path = f"/modules/experience/promises?customer={web.customers['Sofia Rossi']}"
    assert "Send the invoice" not in web.client("sam").get(path).text
    assert "Send the invoice" in web.client("sue").get(path).text


def test_whoever_may_only_read_has_no_buttons(web: Web) -> None:
    promised(web)
    page = web.client("ann").get("/modules/experience/promises").text
    assert "/operations/experience.promise" not in page


def test_a_promise_can_be_noted_on_the_page_of_a_customer(web: Web) -> None:
    promised(web)
    page = web.client("sam").get(f"/customers/{web.customers['Wang Lin']}").text
    assert "Promises to keep" in page
    assert "Call about the kettle" in page
    other = web.client("sam").get(f"/customers/{web.customers['李秀英']}").text
    assert f"/modules/experience/promises?customer={web.customers['李秀英']}" in other
    path = f"/modules/experience/promises?customer={web.customers['李秀英']}"
    assert (
        f"/operations/experience.promise.make?customer_id={web.customers['李秀英']}" in web.client("sam").get(path).text
    )


def test_a_promise_can_be_noted_on_the_page_of_an_interaction(web: Web) -> None:
    values = {"kind": "call", "customer_id": web.customers["Wang Lin"]}
    call = web.crm.run(web.crm.system("a test"), "interaction.record", values).id
    page = web.client("sam").get(f"/records/interaction/{call}").text
    assert "/operations/experience.promise.from_record?" in page


def test_the_page_without_promises_says_so(web: Web) -> None:
    page = web.client("sam").get("/modules/experience/promises?state=nonsense&mine=1").text
    assert "No promise is like this" in page


def report(base: Base, by: str, who: str = "") -> list[Any]:
    """Return the rows of the report."""
    from crmkit_experience.promises.reports import PromisesParameters, promise_rows

    from crmkit import Period, moment_of

    with base.crm.session(base.actor(who)) as session:
        period = Period(first=DUE.date().replace(day=1), last=DUE.date().replace(day=31))
        return list(promise_rows(session, PromisesParameters(period=period, by=by), moment_of(session)).rows)  # type: ignore[arg-type]


def test_the_report_counts_by_kind_person_team_and_month(both: Base) -> None:
    ids = [both.promise(who="sam") for _number in range(3)] + [both.promise("Bob", who="sid", kind="refund")]
    both.run("experience.promise.keep", target=ids[0])
    both.clock.set(DUE + timedelta(hours=6))
    both.run("experience.promise.keep", target=ids[1])
    both.run("experience.promise.break", target=ids[3])
    (row,) = report(both, "month")
    counts = [row[name] for name in ("promised", "kept", "late", "broken", "overdue", "ahead", "settled")]
    assert counts == [4, 1, 1, 1, 1, 0, 4]
    assert row["lateness"] == 6.0
    assert {each["key"]: each["promised"] for each in report(both, "kind")} == {"call_back": 3, "refund": 1}
    assert len(report(both, "person")) == len(report(both, "team")) == 2
    (own,) = report(both, "person", "sam")
    assert own["promised"] == 3
