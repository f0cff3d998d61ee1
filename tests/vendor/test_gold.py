"""The plugins of the house and its examples keep every rule that the checks know of."""

from __future__ import annotations

import pytest

from crmkit.testing import check_plugin
from crmkit.testing.grading import graded
from crmkit.testing.report import sentence
from tests.vendor.wheels import ROOT


@pytest.mark.parametrize(
    "plugin",
    [
        "analytics",
        "churn",
        "experience",
        "feedback",
        "integration",
        "journey",
        "knowledge",
        "lifecycle",
        "loyalty",
        "messaging",
        "needs",
        "quality",
        "sales",
        "service",
        "value",
        "work",
    ],
)
def test_first_party_plugins_are_gold(plugin: str) -> None:
    """Nothing is found in them."""
    findings = check_plugin(plugin)
    assert [sentence(each) for each in findings if each.level in ("error", "warning")] == []
    assert graded(findings).grade == "gold"


@pytest.mark.parametrize("plugin", ["feishu", "warranty"])
def test_examples_are_gold(plugin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins from one begins with the best grade."""
    monkeypatch.syspath_prepend(ROOT / "examples" / f"crmkit-{plugin}")
    findings = check_plugin(f"crmkit_{plugin}.manifest:MANIFEST")
    assert [sentence(each) for each in findings if each.level in ("error", "warning")] == []
    assert graded(findings).grade == "gold"
