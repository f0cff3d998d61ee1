"""The command line: what is given there counts before what a definition says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_churn.defining.values import Definition
from crmkit_churn.training.models import changed

from crmkit import CRM
from crmkit.errors import InvalidInput
from crmkit.settings import Settings
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.churn.company import House

__all__ = ["crmkit", "pristine"]


def test_what_is_given_counts_before_the_definition(crmkit: Crmkit) -> None:
    """An imported history is refused by a definition without delays, and learnt from with those that are given; so are
    features and days; the definition stays as it was. What was learnt counts once it is adopted: then it is said
    who may leave."""
    crmkit.has("work", "analytics", "value", "churn")
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        House(crm=crm, today=datetime.now(UTC).date() - timedelta(days=1)).history(n=300)
    crmkit.ok("churn", "define", "left")
    refused = crmkit("churn", "train", "--method", "logistic")
    assert (refused.code != 0, "CHU102" in refused.err) == (True, True)
    given = ["--delay", "purchase=0", "--delay", "interaction=0", "--horizon", "60"]
    named = ["--features", "days_since(purchase.last_at),purchase.count@30d"]
    done = crmkit.json("churn", "train", "--method", "logistic", *given, *named)
    assert done["split"]["horizon_days"] == 60
    assert {each["feature"] for each in done["features"]} == {"days_since(purchase.last_at)", "purchase.count@30d"}
    assert crmkit.json("churn", "leaving")["items"] == []
    crmkit.ok("churn", "train", "--method", "logistic", *given[:4], "--adopt")
    crmkit.ok("churn", "score")
    leaving = crmkit.json("churn", "leaving", "--limit", "3")["items"]
    chances = [each["probability"] for each in leaving]
    assert (len(chances), chances, leaving[0]["clv"]) == (3, sorted(chances, reverse=True), None)
    assert leaving[0]["why"]
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        from crmkit_churn.defining.operations import usual_definition

        with crm.session(crm.system("tests")) as session:
            kept = usual_definition(session)
            assert kept is not None
            assert (kept.delays, kept.horizon_days, kept.features) == ({}, 90, [])


def test_delays_are_replaced_by_source() -> None:
    """What is given for one source leaves the others; what a definition is called cannot be replaced."""
    found = changed(Definition(kind="gap", delays={"purchase": 3, "usage": 1}), {"delays": {"purchase": 0}})
    assert found.delays == {"purchase": 0, "usage": 1}
    with pytest.raises(InvalidInput):
        changed(found, {"name": "other"})
