"""``crmkit experience promises``: noting, listing and keeping promises."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_promises_are_made_listed_and_kept(crmkit: Crmkit) -> None:
    crmkit.has("experience")
    crmkit.ok("customer", "add", "name=Ada")
    made = crmkit.json("experience", "promises", "make", "Ada", "Send the lid", "--due", "2099-01-01")
    assert (made["state"], made["whole_day"], made["what"]) == ("open", True, "Send the lid")
    crmkit.ok("experience", "promises", "make", "Ada", "Call", "--due", "2099-01-01T10:00:00Z", "--kind", "call_back")
    listed = crmkit.json("experience", "promises", "list")["items"]
    assert [each["kind"] for each in listed] == ["call_back", "other"]
    kept = crmkit.json("experience", "promises", "keep", made["id"])
    assert (kept["state"], kept["late"]) == ("kept", False)
    assert len(crmkit.json("experience", "promises", "list", "--customer", "Ada")["items"]) == 1
    assert crmkit.json("experience", "promises", "list", "--suggested")["items"] == []
    assert "Send the lid" in crmkit.ok("experience", "promises", "list", "--state", "all").out


def test_what_is_wrong_is_said(crmkit: Crmkit) -> None:
    crmkit.has("experience")
    crmkit.ok("customer", "add", "name=Ada")
    for due in ("soon", "2001-01-01"):
        done = crmkit("experience", "promises", "make", "Ada", "Call", "--due", due)
        assert done.code != 0
        assert "Traceback" not in done.err
