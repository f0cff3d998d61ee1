"""The command line: models fitted with figures for scripts, scores, grades, and what is said of one customer."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pytest

from crmkit import CRM
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.value.shop import TODAY, stocked

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def valued(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> Crmkit:
    """An installation with value enabled and customers who buy."""
    crmkit.has("value")
    with monkeypatch.context() as own:
        for name in [each for each in os.environ if each.startswith("CRMKIT_")]:
            own.delenv(name)
        with CRM.open(crmkit.home) as crm:
            stocked(crm)
    return crmkit


def test_models_are_fitted_for_scripts(valued: Crmkit) -> None:
    """Parameters, log-likelihood, customers, and how good it was on held-out time; then scored and told of one."""
    until = TODAY.isoformat()
    found = valued.json("value", "fit", "bg-nbd", "--until", until, "--draws", "25", "--adopt")
    assert set(found["parameters"]) == {"r", "alpha", "a", "b"}
    assert found["log_likelihood"] < 0
    assert found["customers"] == 60
    assert found["state"] == "adopted"
    assert found["holdout"]["deviance"] < found["holdout"]["baseline_deviance"]
    assert {"mae", "rmse", "baseline_mae", "baseline_rmse"} <= set(found["holdout"])
    assert found["holdout"]["until"] == until
    assert len(found["holdout"]["deciles"]) == 10
    (scored,) = valued.json("value", "score", "--as-of", until)["items"]
    assert scored["customers"] == 60
    (one,) = valued.json("value", "show", "Customer 3")["items"]
    assert 0 <= one["p_alive_low"] <= one["p_alive"] <= one["p_alive_high"] <= 1


def test_fit_prints_for_people(valued: Crmkit) -> None:
    """A table with intervals, in either language; a day that is none is refused."""
    until = TODAY.isoformat()
    said = valued.ok("value", "fit", "gamma-gamma", "--until", until, "--draws", "25").out
    assert "gamma" in said
    assert "Log-likelihood" in said
    assert valued("value", "fit", "bg-nbd", "--until", "soon").code != 0
    early = (date(2025, 1, 1)).isoformat()
    assert valued("value", "fit", "bg-nbd", "--until", early).code != 0
    since = (date(2025, 1, 1) + timedelta(days=40)).isoformat()
    fewer = valued.json("value", "fit", "bg-nbd", "--from", since, "--until", until, "--draws", "0")
    assert fewer["customers"] < 60


def test_scores_and_grades_are_printed(valued: Crmkit) -> None:
    """Segments with boundaries, grades with what they come to."""
    until = TODAY.isoformat()
    rfm = valued.json("value", "rfm", "--as-of", until)
    assert sum(each["customers"] for each in rfm["segments"]) == 60
    assert len(rfm["rules"]["boundaries"]["recency"]) == 4
    grades = valued.json("value", "grade", "--as-of", until)
    assert sum(count for count, _worth in grades["figures"]["grades"].values()) == 60
    assert "recency" in valued.ok("--language", "zh", "value", "rfm", "--as-of", until).out


def test_every_command_answers_in_text_and_for_scripts(valued: Crmkit) -> None:
    """Each command ends well both ways, with notes and boundaries after its table, and says the same in Chinese."""
    until = TODAY.isoformat()
    cohort = ["name=regular", "started_on=2018-01-01", "counts:=[1000,631,468,382,326,289]"]
    valued.ok("run", "value.cohort.record", *cohort)
    for args in (
        ["fit", "bg-nbd", "--until", until, "--draws", "0", "--adopt"],
        ["fit", "pareto-nbd", "--until", until, "--draws", "0"],
        ["fit", "gamma-gamma", "--until", until, "--draws", "0"],
        ["fit", "shifted-beta", "--draws", "0"],
        ["score", "--as-of", until],
        ["rfm", "--as-of", until],
        ["grade", "--as-of", until],
        ["show", "Customer 3"],
        ["offers", "--find"],
        ["offers", "Customer 3"],
    ):
        assert valued.json("value", *args) is not None, args
        said = valued.ok("value", *args)
        assert said.out.strip(), args
        assert "Traceback" not in said.err, args
    assert "monetary: " in valued.ok("value", "rfm", "--as-of", until).out
    refused = valued("value", "fit", "bg-nbd", "--period-months", "1")
    assert refused.code == 3
    assert "--period-months" in refused.err
