"""Every hook has a test by its name: an ordinary use of the CRM calls it on the plugin that implements it.

The plugin is the example that implements them all; that each is called is read from the dispatcher's own measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.cli.calling import CommandLine
from crmkit.core.vault.providers import Providers
from crmkit.hooks.catalogue import kernel_specifications
from crmkit.hooks.ports import Message
from crmkit.security.outgoing.messages import deliver
from crmkit.testing import Customers, Workbench, people
from crmkit.testing.browsing import Clients
from crmkit.testing.workbench import subject
from tests.vendor.wheels import WARRANTY

HOOKS = kernel_specifications()


@define(kw_only=True, slots=False)
class Scene:
    """A CRM with the example in it, two customers, and a warranty of the first."""

    crm: CRM
    folder: Path

    def __attrs_post_init__(self) -> None:
        self.actor = people.tester(self.crm)
        self.customers = Customers(crm=self.crm).many(2)
        new = {"customer_id": self.customers[0].id, "serial": "SN-1"}
        self.warranty = self.crm.run(self.actor, "warranty.register", new)

    def run(self, operation: str, values: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Run an operation as the actor."""
        return self.crm.run(self.actor, operation, values or {}, **more)

    def page(self, path: str, *, stranger: bool = False) -> str:
        """Read a page as the actor, or as somebody whom nobody knows."""
        clients = Clients(crm=self.crm)
        try:
            return clients(None if stranger else self.actor).get(path).text
        finally:
            clients.close()

    def take(self, name: str, again: bool = False) -> None:
        """Import a file with one customer; a second time it changes the one that the first has made."""
        path = self.folder / "people.csv"
        path.write_text(f"External id,Name\n7,{name}\n", encoding="utf-8")
        done = CommandLine(crm=self.crm)(
            "import --source shop --yes", path, *(["--on-duplicate", "update"] if again else [])
        )
        assert done.code == 0, done


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Databases with the example, which is importable meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(WARRANTY)
        yield Workbench(
            subject=subject("crmkit_warranty.manifest:MANIFEST"), folder=tmp_path_factory.mktemp("every_hook")
        )


@pytest.fixture(scope="module")
def scene(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all hooks that leave it as it is, more or less."""
    with bench.crm() as crm:
        yield Scene(crm=crm, folder=tmp_path_factory.mktemp("files"))


def called(crm: CRM, hook: str) -> int:
    """Return how often a hook was called on the example without failing."""
    found = [each for each in crm.dispatcher.timings() if (each.plugin, each.hook) == ("warranty", hook)]
    return sum(each.calls - each.failures for each in found)


def _merge(scene: Scene) -> None:
    scene.run("customer.merge", {"absorb": Customers(crm=scene.crm)().id}, target=scene.customers[1].id)


def _erase(scene: Scene) -> None:
    scene.run("privacy.erase", {"reason": "Asked for it"}, target=Customers(crm=scene.crm)().id)


def _change_by_import(scene: Scene) -> None:
    scene.take("Wang Wei")
    scene.take("Wang Wu", again=True)


USES: Mapping[str, Callable[[Scene], object]] = {
    "crmkit_access_rules": lambda scene: scene.page("/records/warranty.warranty"),
    "crmkit_timeline": lambda scene: scene.page(f"/customers/{scene.customers[0].id}"),
    "crmkit_match_customers": lambda scene: scene.run("customer.create", {"name": "Customer 1"}),
    "crmkit_customer_panels": lambda scene: scene.page(f"/customers/{scene.customers[0].id}"),
    "crmkit_search": lambda scene: CommandLine(crm=scene.crm)("search SN-1"),
    "crmkit_resolve_actor": lambda scene: scene.page("/customers", stranger=True),
    "crmkit_key_provider": lambda scene: Providers(scene.crm.dispatcher, scene.crm.settings).current,
    "crmkit_deliver_message": lambda scene: deliver(
        scene.crm, Message(id=scene.warranty.id, channel="letter", address="x", body="x")
    ),
    "crmkit_file_store": lambda scene: scene.crm.files,
    "crmkit_validate_change": lambda scene: scene.run(
        "customer.update", {"city": "Lyon"}, target=scene.customers[1].id
    ),
    "crmkit_check_feed": lambda scene: scene.take("Li Si"),
    "crmkit_keep_values": _change_by_import,
    "crmkit_merge_customers": _merge,
    "crmkit_erase_customer": _erase,
    "crmkit_export_customer": lambda scene: scene.run("privacy.export", target=scene.customers[0].id),
}
"""What somebody does in which the hook is called. The others are called while the CRM is opened."""

LIFE = ("crmkit_shutdown", "crmkit_job_backend", *(name for name in HOOKS if name.startswith("crmkit_plugin_")))
"""The hooks that end something, or need a plugin in another state or with settings: each has a test of its own."""


@pytest.mark.parametrize("hook", [name for name in HOOKS if name not in LIFE])
def test_hook_is_called(hook: str, scene: Scene) -> None:
    """By what an ordinary person does, or by opening the CRM, and it does not fail."""
    before = called(scene.crm, hook) if hook in USES else 0
    USES.get(hook, lambda _scene: None)(scene)
    assert called(scene.crm, hook) > before


def test_crmkit_shutdown(bench: Workbench) -> None:
    """When the CRM is closed."""
    with bench.crm() as crm:
        assert called(crm, "crmkit_shutdown") == 0
    assert called(crm, "crmkit_shutdown") == 1


def test_crmkit_job_backend(tmp_path: Path, bench: Workbench) -> None:
    """Whoever asks for what carries out jobs is given the example's, where it is set up, and the job is handed over
    with the change that defers it."""
    with bench.crm(options={"spool": str(tmp_path)}) as crm:
        answer = crm.dispatcher.first("crmkit_job_backend", settings=crm.settings)
        assert answer is not None
        with crm.transaction(crm.system("test")) as session:
            answer.value.defer(session, "warranty.send_card", {"warranty_id": "1"}, run_at=None, key=None)
            assert list(tmp_path.iterdir()) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_crmkit_plugin_enabled(bench: Workbench) -> None:
    """When the plugin is enabled: the example's default terms are there."""
    with bench.crm(enabled=False) as crm:
        crm.enable("warranty")
    with bench.crm() as crm, crm.session(crm.system("test")) as session:
        names = session.execute(select(crm.registry.models["warranty_terms"].name)).scalars()
        assert set(names) == {"standard", "extended"}


def test_crmkit_plugin_disabled(tmp_path: Path, bench: Workbench) -> None:
    """Before the plugin is disabled: the example takes back the cards that wait for a printer."""
    with bench.crm(options={"cards": str(tmp_path)}) as crm:
        (tmp_path / "one.txt").write_text("a card")
        crm.disable("warranty")
    assert list(tmp_path.iterdir()) == []


def test_crmkit_plugin_purging(tmp_path: Path, bench: Workbench) -> None:
    """Before the tables are dropped: the example removes what is outside of them."""
    with bench.crm(options={"cards": str(tmp_path)}) as crm:
        crm.disable("warranty")
        (tmp_path / "one.txt").write_text("a card")
        crm.purge("warranty")
    assert list(tmp_path.iterdir()) == []


def test_crmkit_plugin_upgraded(bench: Workbench) -> None:
    """When another version is found: what the example's terms lack is added anew."""
    with bench.crm() as crm:
        settings, model = crm.settings, crm.registry.models["warranty_terms"]
    newer = evolve(bench.subject.manifest, version="99.0")
    report = CRM.upgrade(settings, plugins=[newer])
    assert [(each.name, each.error) for each in report.plugins] == [("warranty", None)]
    assert model.__tablename__ == "warranty_terms"


def test_every_hook_has_its_test() -> None:
    """Nothing is used here that is no hook."""
    assert set(USES) - set(HOOKS) == set()
    assert [name for name in LIFE if f"test_{name}" not in globals()] == []
