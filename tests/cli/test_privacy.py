"""What persons can ask for, on the command line: by any name of the customer, with readable refusals."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from crmkit import CRM
from tests.cli.conftest import Crmkit

UNKNOWN = "0197a1b2-0000-7000-8000-000000000000"


@pytest.fixture
def carol(crmkit: Crmkit) -> dict[str, str]:
    """A seller of another team than the one that Li Wei is a customer of, by the variables that she calls with."""
    for team, login in (("North", "bob"), ("South", "carol")):
        made = crmkit.json("team", "create", team)["result"]["id"]
        crmkit.ok("user", "add", login, login.title(), "--role", "seller")
        crmkit.ok("team", "add", made, login, "--main")
    tokens = {
        login: crmkit.json("token", "create", login, "--scope", "*", "--for", login)["token"]
        for login in ("bob", "carol")
    }
    crmkit.ok("customer", "add", "name=Li Wei", "email=li@example.com", env={"CRMKIT_TOKEN": tokens["bob"]})
    return {"CRMKIT_TOKEN": tokens["carol"]}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("customer", "show", "Li Wei"), 5),
        (("customer", "show", "li@example.com", "--reveal", "--reason", "x"), 5),
        (("customer", "edit", "Li Wei", "city=Rome"), 5),
        (("privacy", "erase", "Li Wei", "--reason", "x", "--yes"), 5),
        (("privacy", "export", "Li Wei"), 5),
        (("export", "out.csv"), 4),
        (("audit", "list"), 4),
        (("key", "status"), 4),
        (("role", "grant", "seller", "customer", "export", "all"), 4),
    ],
)
def test_another_team_is_refused_readably(
    crmkit: Crmkit, carol: dict[str, str], words: tuple[str, ...], code: int
) -> None:
    """Whoever does not see a customer is told that there is none; what is not granted names the right."""
    done = crmkit(*words, env=carol)
    assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 1), done
    assert "li@example.com" not in done.err.replace(words[2] if len(words) > 2 else "", "")


def test_a_decision_is_explained_for_a_customer_by_name(crmkit: Crmkit, carol: dict[str, str]) -> None:
    """Not only by its id; of other records an id is asked for."""
    assert crmkit.json("access", "explain", "carol", "customer.read", "Li Wei")["allowed"] is False
    assert crmkit.json("access", "why-not", "bob", "customer.read", "li@example.com")["allowed"] is True
    assert crmkit("access", "explain", "carol", "customer.read", "nobody").code == 5
    assert crmkit("access", "explain", "carol", "interaction.read", "Li Wei").code == 3


def test_a_hold_forbids_an_erasure(crmkit: Crmkit, carol: dict[str, str]) -> None:
    """It is refused with the reason of the hold, until the hold is released."""
    crmkit.ok("privacy", "hold", "Li Wei", "--reason", "court")
    done = crmkit("privacy", "erase", "Li Wei", "--reason", "asked", "--yes")
    assert (done.code, "court" in done.err) == (4, True)
    crmkit.ok("privacy", "release", "Li Wei", "--reason", "over")
    made = crmkit.json("privacy", "erase", "Li Wei", "--reason", "asked", "--yes")["erasure_id"]
    assert crmkit("customer", "show", "Li Wei").code == 5
    assert crmkit.json("privacy", "certificate", made)["erasure_id"] == made


def test_nothing_is_kept_of_whom_no_law_asks_for(crmkit: Crmkit, carol: dict[str, str]) -> None:
    """What a law keeps is asked for by an erasure; one that kept nothing, or was none, is not found."""
    made = crmkit.json("privacy", "erase", "Li Wei", "--reason", "asked", "--yes")["erasure_id"]
    for erasure in (made, UNKNOWN):
        assert crmkit("privacy", "retained", erasure, "--reason", "audit").code == 5


def test_a_forged_certificate_is_told_in_one_document(crmkit: Crmkit, carol: dict[str, str]) -> None:
    """It ends with the code of what is not as it was written."""
    made = crmkit.json("privacy", "erase", "Li Wei", "--reason", "asked", "--yes")["erasure_id"]
    with CRM.open(crmkit.home) as crm, crm.engines.system_write.begin() as connection:
        connection.execute(
            text("UPDATE crm_erasure SET signature = :forged WHERE id = :id"),
            {"forged": "00" * 64, "id": UUID(made).bytes},
        )
    done = crmkit("privacy", "certificate", made, "--json")
    assert (done.code, done.json["error"]["code"]) == (9, "CK634")
