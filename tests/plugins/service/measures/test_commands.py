"""``crmkit service staffing`` and ``crmkit service measures``, as other programs call them."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


def test_the_commands_answer_in_json(crmkit: Crmkit) -> None:
    """What half an hour takes, the measures of some days, and where cases come in."""
    crmkit.has("service")
    (row,) = crmkit.json("service", "staffing", "--contacts", "100", "--handling", "180")["items"]
    assert (row["agents"], row["rostered"], row["level"]) == (14, 20, 0.8884)
    assert crmkit.json("service", "staffing")["items"] == []
    customer = crmkit.json("run", "customer.create", "name=Ada")["result"]["id"]
    crmkit.json(
        "run", "service.case.create", f"customer_id={customer}", "subject=Kettle", "body=Leaks", "channel=phone"
    )
    (row,) = crmkit.json("service", "measures", "--by", "channel")["items"]
    assert (row["group"], row["opened"], row["open"], row["csat"]) == ("Telephone", 1, 1, None)
    wrong = crmkit("service", "measures", "--since", "yesterday")
    assert (wrong.code, "This is no day." in wrong.err) == (3, True)
    crmkit.ok("run", "service.channel.create", "name=help", "title=Help", "kind=form")
    assert [each["name"] for each in crmkit.json("service", "channel", "list")["items"]] == ["help"]
    assert "/p/service.form/" in crmkit.json("service", "channel", "link", "help")["address"]
