"""Every endpoint as its description says, as three people: requests that are made from the description, right and wrong
ones, with all checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.config import SchemathesisConfig

from crmkit.security.credentials import throttle
from tests.conftest import Scale
from tests.web.conftest import Web
from tests.web.rest.support import ROOT, caller

RULES = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "428", "429"]
"""What may become of a request that the description allows: the rules of the business are in no schema."""
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def described(web: Web, headers: Mapping[str, str]) -> Any:
    """Return the description of the API, as somebody with these headers gets it, bound to the application."""
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": RULES}}})
    return schemathesis.openapi.from_asgi(f"{ROOT}/openapi.json", web.crm.asgi(), config=config, headers=headers)


def failures(operation: Any, headers: Mapping[str, str], examples: int) -> list[str]:
    """Return what is wrong with the answers of one endpoint."""
    found: list[str] = []
    for mode in MODES:

        @seed(1)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            try:
                case.call_and_validate(headers=dict(headers))
            except* schemathesis.errors.Failure as group:
                found.extend(f"{operation.label}: {error}" for error in group.exceptions)

        try:
            check()
        except schemathesis.errors.SchemathesisError as error:
            found.append(f"{operation.label}: {error}")
    return found


PEOPLE = ("ada", "sam", "ann")


@pytest.mark.parametrize("login", PEOPLE)
def test_every_endpoint_keeps_to_its_description(
    sqlite_web: Web, login: str, scale: Scale, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an administrator, a seller and an analyst: no fault of the server, no answer that is not described, nothing
    accepted that is not allowed, nothing shown to who is not signed in."""
    # Each endpoint is tried with wrong credentials too, all from one address.
    monkeypatch.setattr(throttle, "is_exhausted", lambda *_given, **_more: None)
    headers = {"Authorization": caller(sqlite_web, login).headers["Authorization"]}
    examples = scale(small=1, full=40)
    operations = list(described(sqlite_web, headers).get_all_operations())
    # In every run each endpoint is tried by one of the three, by all of them at full size.
    mine = operations[scale(small=PEOPLE.index(login), full=0) :: scale(small=len(PEOPLE), full=1)]
    found = [failure for operation in mine for failure in failures(operation.ok(), headers, examples)]
    assert found == []
