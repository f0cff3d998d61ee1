"""Checks a plugin: from its manifest to what is left of it after a purge. Must not print anything."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from crmkit.core.operations.registry import Registry
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Finding
from crmkit.loading import scratch
from crmkit.manifest import PluginManifest
from crmkit.testing import access, batching, declared, exercised, privacy, showing, written
from crmkit.testing.report import from_error, held
from crmkit.testing.scenes import Use
from crmkit.testing.workbench import Subject, Workbench, subject


@frozen(kw_only=True)
class Step:
    """One part of the checks: its name, the codes that it asks about, and how it is done. What is ``lived`` needs a
    plugin that can be enabled and used."""

    name: str
    codes: tuple[str, ...]
    lived: bool = False
    run: Callable[[Checker], Iterator[Finding]]


class Checker:
    """Checks one plugin step by step, in a folder of its own."""

    def __init__(self, plugin: str | PluginManifest, folder: Path, use: Use | None = None) -> None:
        self.subject: Subject = subject(plugin)
        self.bench = Workbench(subject=self.subject, folder=folder)
        self._use = use
        self._registry: Registry | None = None

    @property
    def use(self) -> Use | None:
        """Return what uses the plugin for one customer: what was given, else what the manifest names, if anything.

        Raises what keeps that from being imported.
        """
        path = self.subject.manifest.sample
        if self._use is not None or path is None:
            return self._use
        module, _colon, name = path.partition(":")
        found: Use = getattr(importlib.import_module(module), name)
        return found

    def registry(self) -> Registry:
        """Return everything that is registered when the plugin is loaded. Raises what keeps it from being loaded."""
        if self._registry is None:
            from crmkit.hooks.discovery import closure, discover, resolve

            found = discover(None, (self.subject.manifest,))
            needed = closure(self.subject.name, found)
            resolution = resolve(needed, found)
            _dispatcher, registry, broken = scratch([], resolution.order)
            if broken:
                raise next(iter(broken.values()))
            self._registry = registry
        return self._registry


def _loads(checker: Checker) -> Iterator[Finding]:
    checker.registry()
    yield from ()


def _manifest(checker: Checker) -> Iterator[Finding]:
    yield from declared.manifest_is_light(checker.subject)
    yield from declared.paths_lead_somewhere(checker.subject.manifest)
    yield from declared.permissions_are_declared(checker.subject.manifest, checker.registry())


def _code(checker: Checker) -> Iterator[Finding]:
    yield from declared.code_keeps_to_the_guard(checker.subject.manifest)


def _contributions(checker: Checker) -> Iterator[Finding]:
    yield from declared.references_exist(checker.subject.manifest, checker.registry())


def _models(checker: Checker) -> Iterator[Finding]:
    manifest, registry = checker.subject.manifest, checker.registry()
    yield from declared.fields_say_their_class(manifest, registry)
    yield from declared.personal_data_is_mapped(manifest, registry)
    yield from declared.nothing_foreign_was_changed(manifest, registry)


def _migrations(checker: Checker) -> Iterator[Finding]:
    yield from exercised.migrations_run_both_ways(checker.bench)
    yield from written.revisions_stand_alone(checker.subject.manifest)


def _life(checker: Checker) -> Iterator[Finding]:
    yield from exercised.life_is_clean(checker.bench, checker.use)


def _access(checker: Checker) -> Iterator[Finding]:
    yield from access.policies_fit(checker.subject.manifest, checker.registry())
    for asked in access.STEPS:
        yield from asked(checker.bench, checker.use)


def _privacy(checker: Checker) -> Iterator[Finding]:
    for done in privacy.STEPS:
        yield from done(checker.bench, checker.use)


def _showing(checker: Checker) -> Iterator[Finding]:
    for made in showing.STEPS:
        yield from made(checker.bench, checker.use)
    yield from showing.commands_say_what_they_do(checker.subject.manifest)


def _batching(checker: Checker) -> Iterator[Finding]:
    for asked in batching.STEPS:
        yield from asked(checker.bench, checker.use)


def _package(checker: Checker) -> Iterator[Finding]:
    manifest = checker.subject.manifest
    yield from written.readme_is_whole(manifest)
    yield from written.texts_are_translated(manifest)
    yield from written.package_is_typed(manifest)


STEPS: Sequence[Step] = (
    Step(name="loads", codes=("CK101", "CK102", "CK103", "CK104", "CK105", "CK201", "CK203", "CK301"), run=_loads),
    Step(name="manifest", codes=("CK106", "CK107", "CK108"), run=_manifest),
    Step(name="code", codes=("CK305",), run=_code),
    Step(name="contributions", codes=("CK204",), run=_contributions),
    Step(name="models", codes=("CK302", "CK303", "CK304"), run=_models),
    Step(name="migrations", codes=("CK401", "CK402", "CK403", "CK404", "CK405"), run=_migrations),
    Step(name="life", codes=("CK202", "CK204", "CK205", "CK601", "CK602", "CK603", "CK604"), run=_life),
    Step(name="access", lived=True, codes=("CK501", "CK502", "CK503", "CK504", "CK505"), run=_access),
    Step(name="privacy", lived=True, codes=("CK605", "CK606", "CK607", "CK608"), run=_privacy),
    Step(name="showing", lived=True, codes=("CK701", "CK702", "CK703", "CK704"), run=_showing),
    Step(name="batching", lived=True, codes=("CK801", "CK802"), run=_batching),
    Step(name="package", codes=("CK705", "CK901", "CK902", "CK903", "CK904", "CK905", "CK906"), run=_package),
)
"""The steps in their order. The later ones build on the first."""


_LIFELESS = frozenset(("CK401", "CK402", "CK601"))
"""What keeps a plugin from being tried at all."""


def run_step(checker: Checker, step: Step) -> list[Finding]:
    """Return what a step found; whatever it raises is a finding, too."""
    found: list[Finding] = []
    try:
        found.extend(step.run(checker))
    except Exception as error:
        found.append(from_error(error, step.codes[0]))
    return found


def check_plugin(
    plugin: str | PluginManifest, *, use: Use | None = None, steps: Collection[str] | None = None
) -> list[Finding]:
    """Return what is wrong with a plugin, and for each code that nothing was found against, that it holds.

    ``plugin`` is the name of an installed one, ``package.module:NAME`` of a manifest, or the manifest itself; ``use``
    uses it for one customer in place of rows that are made up; ``steps`` are names of `STEPS` that are to be done after
    the first one, by default all. Nothing is read or written but databases in a temporary folder. When the plugin
    cannot be loaded, only that is said.
    """
    with tempfile.TemporaryDirectory(prefix="crmkit-check-") as folder:
        try:
            checker = Checker(plugin, Path(folder), use)
        except CrmkitError as error:
            return [from_error(error, "CK101")]
        found = run_step(checker, STEPS[0])
        asked = list(STEPS[0].codes)
        if not found:
            for step in STEPS[1:]:
                if steps is not None and step.name not in steps:
                    continue
                if step.lived and _LIFELESS & {each.code for each in found if each.level == "error"}:
                    continue
                found.extend(each for each in run_step(checker, step) if each not in found)
                asked.extend(step.codes)
        return [*found, *held(found, asked)] if len(asked) > len(STEPS[0].codes) else found
