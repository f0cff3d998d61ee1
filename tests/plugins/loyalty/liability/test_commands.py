"""``crmkit loyalty liability``, ``breakage`` and ``close``: printed as tables and as JSON."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_what_points_cost_is_printed_and_booked(crmkit: Crmkit) -> None:
    crmkit.has("loyalty")
    assert [] == crmkit.json("loyalty", "liability")["items"]
    crmkit.ok("run", "loyalty.program.create", "name=club")
    crmkit.ok("run", "loyalty.point_type.create", "program=club", "name=points", "unit_cost=0.02")
    customer = crmkit.json("run", "customer.create", "kind=person", "name=Wang Lin")["result"]["id"]
    account = crmkit.json("run", "loyalty.member.join", f"customer_id={customer}")["result"]["account_id"]
    crmkit.ok("run", "loyalty.points.adjust", f"--target={account}", "points=300", "reason=a test")
    found = crmkit.json("loyalty", "liability", "--program", "club")
    lines = {each["name"]: (each["points"], each["cost"]) for each in found["items"]}
    assert (0, None) == lines["opening"]
    assert (300, None) == lines["closing"]
    assert [(0, None)] * 3 == [lines[name] for name in ("programme", "balances", "lots")]
    assert lines["cost"] == lines["expected"]
    assert 6 == float(lines["cost"][1]), "300 points at 0.02"
    assert (True, False) == (found["balanced"], found["estimated"])
    assert "agree to the point" in crmkit.ok("loyalty", "liability").out
    old = crmkit.json("loyalty", "liability", "--from", "2001-01-01", "--until", "2001-12-31")["items"]
    assert 0 == next(each["points"] for each in old if each["name"] == "closing")
    assert 300 == crmkit.json("loyalty", "breakage")["items"][0]["left"]
    assert crmkit("loyalty", "liability", "--until", "yesterday").code != 0
    crmkit.ok("loyalty", "close", "--program", "club")
    again = crmkit("loyalty", "close")
    assert again.code != 0
    assert "LOY601" in again.err + again.out
