"""How much a caller may ask for: budgets by token and by address, told in headers, refused with the time to wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import text

from crmkit import CRM
from crmkit.settings import Settings
from tests.conftest import Templates
from tests.web.conftest import populate
from tests.web.rest.callers import Callers, calling


@pytest.fixture
def limited(templates: Templates, tmp_path: Path) -> Iterator[Any]:
    """A function that opens the API of a base with limits of its own."""
    opened: list[CRM] = []

    def made(**limits: str) -> Any:
        settings = Settings.from_mapping({"database": templates.copy("sqlite", tmp_path)})
        crm = CRM.open(evolve(settings, **{f"rate_limit_{name.rstrip('_')}": each for name, each in limits.items()}))
        opened.append(crm)
        return calling(populate(crm))

    yield made
    for crm in opened:
        crm.close()


def test_a_caller_who_asks_too_much_is_told_how_long_to_wait(limited: Any) -> None:
    """Beyond the limit the answer is 429 with ``Retry-After``; others are not touched by it."""
    with limited(api="5/hour") as api:
        answers = [api.call("sam", "GET", "/me") for _time in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        refused = answers[-1]
        assert refused.json()["code"] == "CK957"
        assert 600 < int(refused.headers["retry-after"]) <= 720
        assert api.call("mia", "GET", "/me").status_code == 200


def test_what_is_left_is_told_in_headers(limited: Any) -> None:
    """Each answer names the limit and what is left of it."""
    with limited(api="5/hour") as api:
        answers = [api.call("sam", "GET", "/me") for _time in range(6)]
        assert {each.headers["ratelimit-policy"] for each in answers} == {'"api";q=5;w=3600'}
        assert [each.headers["ratelimit"].partition(";t")[0] for each in answers] == [
            f'"api";r={left}' for left in (4, 3, 2, 1, 0, 0)
        ]


def test_callers_who_are_nobody_are_counted_by_address(limited: Any) -> None:
    """Somebody without a token is refused for having none, and after the limit for asking again."""
    with limited(public="3/hour", api="off") as api:
        assert [api.call(None, "GET", "/me").status_code for _time in range(5)] == [401] * 3 + [429] * 2
        assert api.call("sam", "GET", "/me").status_code == 200


def test_what_costs_more_has_a_budget_of_its_own(limited: Any) -> None:
    """Searches, exports and imports are counted beside everything else, by the user over all tokens' calls."""
    with limited(search="2/hour", export="1/hour", import_="1/hour") as api:
        assert [api.call("mia", "GET", "/search?q=Wang").status_code for _time in range(3)] == [200, 200, 429]
        assert [api.post("mia", "/exports", {}).status_code for _time in range(2)] == [200, 429]
        csv = {"content-type": "text/csv"}
        plan = [
            api.call("mia", "POST", "/imports/plan", content=b"name\nAnn\n", headers=csv).status_code
            for _time in range(2)
        ]
        assert plan == [200, 429]
        assert api.call("mia", "GET", "/me").status_code == 200


def test_each_token_has_its_own_budget(limited: Any) -> None:
    """A script that runs wild does not stop the others of its owner."""
    with limited(api="2/hour") as api:
        assert [api.call("sam", "GET", "/me").status_code for _time in range(3)] == [200, 200, 429]
        api.tokens.clear()
        assert api.call("sam", "GET", "/me").status_code == 200


def test_no_limit_is_no_header(limited: Any) -> None:
    """With ``off`` nothing is counted."""
    with limited(api="off") as api:
        answer = api.call("sam", "GET", "/me")
        assert "ratelimit" not in answer.headers


def test_few_calls_leave_no_row(limited: Any) -> None:
    """Who calls now and then is never written down."""
    with limited(api="100/hour") as api:
        for _time in range(9):
            assert api.call("sam", "GET", "/me").status_code == 200
        assert rows(api) == 0
        for _time in range(9):
            api.call("sam", "GET", "/me")
        assert rows(api) == 1


def rows(api: Callers) -> int:
    """Return how many common buckets there are."""
    with api.crm.engines.system_read.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM crm_throttle WHERE key LIKE 'rate:%'")).scalar_one())
