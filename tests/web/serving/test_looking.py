"""What a server says of plugins when it takes them up: rules that cannot be used, and a plugin that is back."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crmkit import CRM, Do, Rule
from crmkit.web.serving.installation import Installation, Running

TAG = (Do(operation="customer.tag", arguments={"names": ["'toy'"]}),)


def test_rules_that_cannot_be_used_are_in_the_log_at_once(crm: CRM, caplog: pytest.LogCaptureFixture) -> None:
    """Each once, before any event has set one off; the server runs all the same."""
    broken = Rule(name="toy.broken", title="Broken", on="customer.created", when="toy.gone > 1", then=TAG)
    crm.registry.add("toy", "rule", [broken, Rule(name="toy.tag", title="Tag", on="customer.created", then=TAG)])
    installation = Installation(open_crm=lambda: crm, make_app=lambda _crm: object())
    logger = logging.getLogger("crmkit")
    logger.addHandler(caplog.handler)
    try:
        installation.start()
    finally:
        installation.stop()
        logger.removeHandler(caplog.handler)
    said = {record.getMessage() for record in caplog.records if record.name == "crmkit.rules"}
    assert [line.partition(":")[0] for line in said] == ["the rule toy.broken is set aside"]
    assert "toy.gone" in said.pop()


def test_a_plugin_that_is_back_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """After its tables were upgraded elsewhere the log has its name."""

    def running(broken: list[str], loaded: list[str]) -> Running:
        crm = SimpleNamespace(
            broken=dict.fromkeys(broken), dispatcher=SimpleNamespace(plugins=dict.fromkeys(loaded)), close=list
        )
        return Running(crm=cast(Any, crm), app=cast(Any, None))

    installation = Installation(open_crm=cast(Any, None), make_app=cast(Any, None))
    logger = logging.getLogger("crmkit.serving")
    logger.addHandler(caplog.handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        installation._swap(running(["loans", "gone"], []), running([], ["loans"]))
    finally:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)
    assert "the plugin loans is taken up again" in {record.getMessage() for record in caplog.records}
    assert "gone" not in caplog.text
