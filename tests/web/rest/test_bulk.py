"""Operations for many inputs: an outcome for each in order, whole batches, and keys that hold for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from crmkit import Actor
from crmkit.core.customers.models import Customer
from tests.web.conftest import Web
from tests.web.rest.callers import Callers, calling

SYSTEM = Actor.system("tests of bulk calls")
PATH = "/operations/customer.create/bulk"


@pytest.fixture
def api(sqlite_web: Web) -> Iterator[Callers]:
    """The API of a customer base of this test alone."""
    with calling(sqlite_web) as found:
        yield found


def customers(api: Callers) -> int:
    """Return how many customers there are."""
    with api.crm.session(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


def lines(items: Sequence[Any]) -> bytes:
    """Return values as lines of JSON."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def sent(api: Callers, login: str, content: bytes, **headers: str) -> Any:
    """Send lines."""
    given = {"content-type": "application/x-ndjson", **{name.replace("_", "-"): each for name, each in headers.items()}}
    return api.call(login, "POST", PATH, content=content, headers=given)


def test_each_input_has_its_outcome_in_order(api: Callers) -> None:
    """What is refused costs itself alone, and says what is wrong with it, by its field."""
    before = customers(api)
    answer = api.post(
        "mia", PATH, [{"name": "Ann"}, {"name": ""}, {"nme": "x"}, 5, {"name": 7}, {"name": "Bob"}]
    ).json()
    found = answer["data"]
    assert [each["index"] for each in found] == [0, 1, 2, 3, 4, 5]
    assert [each["ok"] for each in found] == [True, False, False, False, False, True]
    assert [found[place]["errors"][0]["field"] for place in (1, 2, 4)] == ["name", "nme", "name"]
    assert customers(api) == before + 2


def test_texts_of_outcomes_are_in_the_callers_language(api: Callers) -> None:
    """Whoever asks in Chinese reads in Chinese what is wrong."""
    (found,) = api.post("mia", PATH, [{"name": ""}], accept_language="zh-CN").json()["data"]
    assert any("\u4e00" <= char <= "\u9fff" for char in found["errors"][0]["message"])


def test_an_operation_on_records_takes_targets_and_versions(api: Callers) -> None:
    """Each input names its record; one that was changed meanwhile, is foreign or is not there is refused alone."""
    mine, hers = (str(api.web.customers[name]) for name in ("Wang Lin", "Sofia Rossi"))
    path = "/operations/customer.update/bulk"
    items = [
        {"target": mine, "version": 1, "values": {"city": "Roma"}},
        {"target": mine, "version": 1, "values": {"city": "Bari"}},
        {"target": hers, "values": {"city": "Roma"}},
        {"target": "0197a1b2-0000-7000-8000-000000000000", "values": {"city": "Roma"}},
        {"target": mine, "values": {"citi": "Roma"}},
        {"target": mine, "other": 1},
    ]
    found = api.post("ada", path, items[:2]).json()["data"]
    assert [each["ok"] for each in found] == [True, False]
    assert found[0]["result"] == {"id": mine, "version": 2}
    assert found[1]["errors"][0]["code"] == "CK511"
    foreign = api.post("sam", path, items[2:]).json()["data"]
    assert [each["ok"] for each in foreign] == [False] * 4
    hidden, missing = (each["errors"][0] for each in foreign[:2])
    assert hidden["code"] == missing["code"] == "CK501"
    assert hidden["message"].replace(hers, "") == missing["message"].replace(items[3]["target"], "")


def test_somebody_without_the_right_changes_nothing(api: Callers) -> None:
    """The right is asked for once, before anything is done."""
    before = customers(api)
    assert api.post("ann", PATH, [{"name": "Ann"}]).status_code == 403
    assert customers(api) == before


def test_lines_are_taken_in_batches_of_which_each_is_whole(api: Callers) -> None:
    """Of more lines than a batch every one has its outcome, also one that is no JSON."""
    before = customers(api)
    content = lines([{"name": f"N{number}"} for number in range(700)]) + b"{bad\n" + lines([{"name": "Last"}])
    answer = sent(api, "mia", content)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["index"] for each in found] == list(range(702))
    assert [each["index"] for each in found if not each["ok"]] == [700]
    assert customers(api) == before + 701


def test_a_key_holds_for_the_whole_call(api: Callers) -> None:
    """The same lines under the same key happen once and are answered twice in the same way; others are refused."""
    content = lines([{"name": f"N{number}"} for number in range(510)] + [{"name": ""}])
    first = sent(api, "mia", content, idempotency_key="import-1")
    between = customers(api)
    again = sent(api, "mia", content, idempotency_key="import-1")
    assert (again.status_code, again.text) == (200, first.text)
    assert customers(api) == between
    other = sent(api, "mia", lines([{"name": "Other"}]), idempotency_key="import-1")
    assert (other.status_code, other.json()["code"]) == (422, "CK512")


def test_an_array_under_a_key_is_answered_again_with_its_problems(api: Callers) -> None:
    """Values in the texts of problems come back as they were."""
    items = [{"name": "Ann", "kind": "robot"}, {"name": "Bob"}]
    first = api.post("mia", PATH, items, idempotency_key="a")
    assert api.post("mia", PATH, items, idempotency_key="a").json() == first.json()


def test_a_replay_shows_what_its_caller_may_see_now(api: Callers) -> None:
    """What became of an input is a reference to its record: somebody who may no longer see that gets nothing of it."""
    path = "/operations/customer.update/bulk"
    items = [{"target": str(api.web.customers["Wang Lin"]), "values": {"city": "Roma"}}]
    assert api.post("sam", path, items, idempotency_key="a").json()["data"][0]["ok"]
    api.crm.run(
        SYSTEM, "customer.assign", {"owner_id": str(api.web.users["sue"])}, target=api.web.customers["Wang Lin"]
    )
    again = api.post("sam", path, items, idempotency_key="a").json()["data"][0]
    assert (again["ok"], again["errors"][0]["code"]) == (False, "CK501")


def test_too_long_an_array_and_what_is_none_are_refused(api: Callers) -> None:
    """An array has at most 1,000 inputs; anything else that is JSON is none."""
    assert api.post("mia", PATH, [{"name": "x"}] * 1001).status_code == 422
    assert api.post("mia", PATH, {"name": "x"}).status_code == 422
    assert api.call("mia", "POST", PATH, content=b"[", headers={"content-type": "application/json"}).status_code == 400
    assert api.call("mia", "POST", PATH, content=b"a,b", headers={"content-type": "text/csv"}).status_code == 415
    assert api.post("mia", "/operations/no.such/bulk", []).status_code == 404
