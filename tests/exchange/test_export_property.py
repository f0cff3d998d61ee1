"""Any customers that can be added leave in an export and come back from it as they were, in every form of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Consent, Customer
from crmkit.errors import InvalidInput
from crmkit.exchange.api import ExportOptions, export
from tests.conftest import Templates
from tests.exchange.importing import ACTOR, load

letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
words = st.one_of(
    st.text(letters, min_size=1, max_size=12),
    st.sampled_from(
        ["=1+1", "-Leeds", "+1", "@home", '"quoted"', "a;b", "a,b", "王小明", "O'Neill", "0017", "1e5", "true", "null"]
    ),
)
instants = st.sampled_from(["2024-01-01T10:00:00Z", "2024-02-29T23:59:59.123456Z", "2020-06-30T00:00:00+08:00"])
consents = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from(["marketing", "service"]),
        "channel": st.sampled_from(["*", "email", "phone"]),
        "granted": st.booleans(),
        "occurred_at": instants,
    },
    optional={"expires_at": instants, "source": words, "evidence": words},
)
persons = st.fixed_dictionaries(
    {"name": words},
    optional={
        "job_title": words,
        "city": words,
        "birth_date": st.dates().map(lambda day: day.isoformat()),
        "gender": st.sampled_from(["male", "female", "other"]),
        "tags": st.lists(words, max_size=3),
        "interests": st.lists(words, max_size=3),
        "preferences": st.dictionaries(words, st.one_of(words, st.integers(-9, 9), st.booleans()), max_size=2),
        "email": st.just("O'Neill.{number}@例子.中国"),
        "mobile": st.just("+86138{number:08d}"),
        "street": words,
        "consents": st.lists(consents, max_size=3),
        "source": words,
    },
)


numbers = itertools.count()


def alone(values: dict[str, Any]) -> dict[str, Any]:
    """Return a person who shares no address with another: whoever has a known one counts as known."""
    number = next(numbers)
    given = {name: values[name].format(number=number) for name in ("email", "mobile") if name in values}
    return {**values, **given}


@pytest.fixture(scope="module", params=[".csv", ".jsonl", ".xlsx"])
def houses(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CRM, CRM, Path, str]]:
    """Two customer bases and a folder, for one form of rows."""
    folder = tmp_path_factory.mktemp("round")
    one, other = (CRM.open(templates.copy("sqlite", folder)) for _number in range(2))
    yield one, other, folder, request.param
    one.close()
    other.close()


def content(crm: CRM, path: Path) -> list[Any]:
    """Return what an export of all customers holds, as JSON lines, and the whole ledger of consents."""
    export(crm, ACTOR, path, ExportOptions(overwrite=True, reveal=True, reason="a test", format="jsonl"))
    with crm.session(ACTOR) as session:
        names = dict(session.execute(select(Customer.id, Customer.name)).all())
        ledger = [
            (names[one.customer_id], one.purpose, one.channel, one.granted, one.occurred_at, one.expires_at, one.source)
            for one in session.scalars(select(Consent))
        ]
    return [path.read_text(encoding="utf-8"), sorted(map(repr, ledger))]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(people=st.lists(persons, min_size=1, max_size=3))
def test_what_leaves_comes_back(houses: tuple[CRM, CRM, Path, str], people: list[dict[str, Any]]) -> None:
    """Imported into another base it is the same there, and into its own nothing changes."""
    one, other, folder, suffix = houses
    for values in people:
        try:
            one.run(ACTOR, "customer.create", alone(values))
        except InvalidInput:
            # What cannot be added need not come back.
            continue
    before = content(one, folder / "before.jsonl")
    path = folder / f"customers{suffix}"
    export(one, ACTOR, path, ExportOptions(overwrite=True, reveal=True, reason="a test"))
    load(other, path, resource="customers", again=True)
    assert before == content(other, folder / "other.jsonl")
    report = load(one, path, resource="customers", on_duplicate="update", again=True)
    assert (report.created, report.rejected) == (0, 0), report.reasons
    assert before == content(one, folder / "after.jsonl")
