"""``crmkit journey attribution`` and its report."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_paths_of_a_file_are_attributed(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("work", "journey")
    file = tmp_path / "paths.csv"
    file.write_text(
        "path,total_conversions,total_conversion_value,total_null\nmail > shop,2,10.01,1\nshop,1,5,2\nmail,0,0,3\n"
    )
    found = crmkit.json("journey", "attribution", "--paths", str(file))
    assert (found["paths"], found["conversions"], found["nulls"]) == (3, 3, 6)
    assert found["models"]["linear"]["conversions"] == {"mail": 1.0, "shop": 2.0}
    for each in found["models"].values():
        assert round(sum(float(value) for value in each["value"].values()), 4) == float(each["total"]) == 15.01
    assert 0 < found["models"]["markov"]["removal_effect"]["mail"] < 1
    shown = crmkit.ok("journey", "attribution", "--model", "last", "--paths", str(file)).out
    assert "15.0100" in shown
    file.write_text("path\n")
    assert crmkit("journey", "attribution", "--paths", str(file)).code != 0


def test_customers_are_attributed(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("work", "journey")
    file = tmp_path / "stream.csv"
    file.write_text(
        "source,external_id,kind,occurred_at,customer,channel,amount,currency\n"
        "x,1,call,2026-01-01T10:00:00Z,Ada,phone,,\n"
        "x,2,email,2026-01-02T10:00:00Z,Ada,email,,\n"
        "x,3,purchase,2026-01-03T10:00:00Z,Ada,phone,10.01,CNY\n"
    )
    crmkit.ok("import", str(file), "--as", "interactions", "--create-customers", "--yes")
    found = crmkit.json("journey", "attribution", "--period", "2026-01", "--model", "linear")
    assert found["models"]["linear"]["conversions"] == {"email": 0.5, "phone": 0.5}
    assert "First touch" in crmkit.ok("journey", "attribution", "--period", "2026-01").out
    assert "Nobody was touched" in crmkit.ok("journey", "attribution", "--period", "2025").out
    assert crmkit.ok("report", "run", "journey.attribution", "-p", "period=2026-01").code == 0
    assert crmkit("journey", "attribution", "--period", "nonsense").code != 0
