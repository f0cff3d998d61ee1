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
from crmkit.testing.grading import Grade, needed_for, reaches
from crmkit.testing.report import sentence

if TYPE_CHECKING:
    from crmkit.app import CRM


class PluginConformance:
    """Tests that a plugin keeps the rules.

    ``plugin`` is its name, if it is installed, or ``package.module:NAME`` of its manifest; left empty it is the one
    that the pytest setting ``crmkit_plugin`` names. ``grade`` is what the tests demand: what a higher grade alone needs
    is then no failure, and is said by ``crmkit plugin check``.
    """

    plugin: ClassVar[str] = ""
    grade: ClassVar[Grade] = "gold"

    def use(self, crm: CRM, customer_id: UUID) -> None:
        """Use the plugin for one customer. Override it where rows that are made up break a rule of your tables, and
        the manifest names no ``sample``."""
        from crmkit.testing.scenes import use_for

        use_for(crm, self._name, customer_id, None)

    _name: str = ""

    @pytest.fixture
    def checker(self, request: pytest.FixtureRequest, tmp_path: Path) -> Checker:
        """Return what checks the plugin, with databases in the test's own folder."""
        named = self.plugin or request.config.getini("crmkit_plugin")
        overridden = type(self).use is not PluginConformance.use
        checker = Checker(str(named), tmp_path, self.use if overridden else None)
        self._name = checker.subject.name
        return checker

    @pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
    def test_keeps_the_rules(self, checker: Checker, step: object) -> None:
        """The step finds no error."""
        assert step in STEPS
        found = [each for each in run_step(checker, step) if each.level == "error"]  # type: ignore[arg-type]
        assert [sentence(each) for each in found if reaches(self.grade, needed_for(each.code))] == []
