"""The checks as tests: derive a class from it in your own tests, and each step is a test of its own.

::

    from crmkit.testing import PluginConformance

    class TestConformance(PluginConformance):
        plugin = "crmkit_warranty.manifest:MANIFEST"

Must not decide what is checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

import pytest

from crmkit.testing.checking import STEPS, Checker, run_step
from crmkit.testing.report import sentence

if TYPE_CHECKING:
    from crmkit.app import CRM


class PluginConformance:
    """Tests that a plugin keeps the rules.

    ``plugin`` is its name, if it is installed, or ``package.module:NAME`` of its manifest; left empty it is the one
    that the pytest setting ``crmkit_plugin`` names.
    """

    plugin: ClassVar[str] = ""

    def use(self, crm: CRM, customer_id: UUID) -> None:
        """Use the plugin for one customer. Override it where rows that are made up break a rule of your tables."""
        from crmkit.testing.exercised import _use

        _use(crm, self._name, customer_id, None)

    _name: str = ""

    @pytest.fixture
    def checker(self, request: pytest.FixtureRequest, tmp_path: Path) -> Checker:
        """Return what checks the plugin, with databases in the test's own folder."""
        named = self.plugin or request.config.getini("crmkit_plugin")
        checker = Checker(str(named), tmp_path, self.use)
        self._name = checker.subject.name
        return checker

    @pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
    def test_keeps_the_rules(self, checker: Checker, step: object) -> None:
        """The step finds no error."""
        assert step in STEPS
        found = [each for each in run_step(checker, step) if each.level == "error"]  # type: ignore[arg-type]
        assert [sentence(each) for each in found] == []
