"""The composition root: a `CRM` object owns its engine, its plugins, its clock; two of them never meet.

Everything else is handed what it needs from here.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect

from crmkit.core.access.resolving import RightsCache
from crmkit.core.business.config import Config, ConfigCache
from crmkit.core.operations.gate import Gate
from crmkit.core.operations.outcome import Outcome
from crmkit.core.operations.registry import Registry
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.core.store.engine import Engines, open_engines
from crmkit.core.store.guard.shapes import Guard
from crmkit.core.store.model import Model
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.publishing import DefinitionCache
from crmkit.errors import MissingExtra, NotInitialised, PluginError, SchemaOutdated
from crmkit.hooks.discovery import discover
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.ports import ActorContext, FileStore
from crmkit.hooks.resolution import Found
from crmkit.i18n import texts
from crmkit.loading import load_kernel
from crmkit.manifest import PluginManifest
from crmkit.profile import check_profile
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.core.operations.worker import Worker
    from crmkit.core.vault.keyring import Vault
    from crmkit.lifecycle.disabling import Disabled
    from crmkit.lifecycle.enabling import EnablePlan
    from crmkit.lifecycle.purging import Purged, PurgePlan
    from crmkit.lifecycle.upgrading import UpgradeReport
    from crmkit.lifecycle.views import PluginView
    from crmkit.security.roles.explaining import Explanation

_ = texts("crmkit")

Target = str | Path | Settings


class CRM:
    """A customer base and everything that can be done with it.

    Make one with `CRM.open` or `CRM.init`. It may be used from several threads; close it when done, or use it as a
    context manager.
    """

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        *,
        plugins: Sequence[PluginManifest] = (),
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.engines = engines
        self.clock = clock or Clock(settings.clock)
        self.registry = Registry()
        self.dispatcher = Dispatcher(
            strict=settings.strict, budget=settings.hook_budget, savepoint=lambda session: session.begin_nested()
        )
        self.found: tuple[Found, ...] = discover(settings.plugins, plugins)
        self.broken: dict[str, PluginError] = {}
        """Enabled plugins that are not running, each with its reason."""
        self.config = ConfigCache()
        self.definitions = DefinitionCache()
        self.guard = Guard(root=Model, registry=self.registry, dispatcher=self.dispatcher)
        """What filters the statements of sessions by what their actor may see."""
        self.gate = Gate(
            crm=self,
            engines=engines,
            registry=self.registry,
            dispatcher=self.dispatcher,
            clock=self.clock,
            rights=RightsCache().get,
        )
        self.generation = 0
        """The database's plugin generation that this object was built from."""
        load_kernel(self.dispatcher, self.registry)

    # --- opening ------------------------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        target: Target | None = None,
        *,
        engine: Engine | None = None,
        plugins: Sequence[PluginManifest] = (),
        clock: Clock | None = None,
        create: bool = False,
    ) -> CRM:
        """Open a customer base and load its enabled plugins.

        ``target`` is a database URL, the folder of an installation, or `Settings`; with None it is the installation
        that ``CRMKIT_HOME`` names. ``engine`` is an embedding host's own engine, which then is used and never disposed
        of. ``plugins`` are manifests that are offered beside the installed ones. ``create`` sets the database up when
        it is empty.

        Raises NotInitialised for an empty database, SchemaOutdated when ``crmkit db upgrade`` has to be run first,
        ConfigurationError and StoreError when it cannot be opened. A broken plugin is set aside with its reason,
        unless the settings are strict: then its PluginError is raised.
        """
        settings = read_settings(target, engine)
        check_profile(settings)
        engines = open_engines(settings, engine)
        crm = cls(settings, engines, plugins=plugins, clock=clock)
        try:
            if create and not crm.is_current():
                crm.upgrade_database()
            crm._start()
        except BaseException:
            crm._let_go()
            raise
        return crm

    @classmethod
    def init(
        cls,
        target: Target | None = None,
        *,
        engine: Engine | None = None,
        plugins: Sequence[PluginManifest] = (),
        clock: Clock | None = None,
    ) -> CRM:
        """Set up an empty database, or bring an older one up to date, and open it. Raises as `open` does."""
        return cls.open(target, engine=engine, plugins=plugins, clock=clock, create=True)

    def is_initialised(self) -> bool:
        """Say whether the database holds crmkit's tables."""
        with self.engines.system_read.connect() as connection:
            return inspect(connection).has_table("crm_plugin")

    def is_current(self) -> bool:
        """Say whether the kernel's tables are there and at the newest revision."""
        from crmkit.migrations.runner import check_kernel

        try:
            if self.is_initialised():
                check_kernel(self.engines)
                return True
        except SchemaOutdated:
            pass
        return False

    def _start(self) -> None:
        from crmkit.lifecycle.opening import start
        from crmkit.migrations.runner import check_kernel

        if not self.is_initialised():
            raise NotInitialised(fix=_("Run crmkit init, or open it with create=True."))
        check_kernel(self.engines)
        start(self)

    def close(self) -> None:
        """Tell the plugins, and let go of the database."""
        self.dispatcher.collect("crmkit_shutdown", crm=self)
        self._let_go()

    def _let_go(self) -> None:
        # Of the threads first: one that still chains records would open connections that nobody closes.
        self.gate.flush_refusals()
        self.gate.auditor.close()
        self.engines.dispose()

    def __enter__(self) -> CRM:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- work ---------------------------------------------------------------------------------------------------

    def session(self, actor: Actor) -> AbstractContextManager[CrmSession]:
        """Open a session to read as an actor."""
        return self.gate.reading(actor)

    def transaction(self, actor: Actor) -> AbstractContextManager[CrmSession]:
        """Open a transaction in which an actor can run several operations, with ``session.run(...)``. It commits at
        the end of the block, or is undone whole."""
        return self.gate.writing(actor)

    def joined(self, actor: Actor, connection: Connection) -> AbstractContextManager[CrmSession]:
        """Run operations in the transaction that a host has open on a connection of its own; the host commits."""
        return self.gate.joining(actor, connection)

    def run(
        self,
        actor: Actor,
        operation: str,
        values: Mapping[str, Any] | None = None,
        *,
        target: Any = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        """Run one operation in a transaction of its own and return its result.

        ``target`` is the record, or its id, that the operation acts on; ``version`` the version that the caller has
        seen, against lost updates; ``key`` an idempotency key of 1 to 200 characters.

        Raises InvalidInput with every problem of the input, NotFound, Refused, StaleWrite, KeyReused, and what the
        operation itself raises. Then nothing was changed.
        """
        return self.gate.run(actor, operation, values or {}, target=target, version=version, key=key)

    def run_many(
        self, actor: Actor, operation: str, items: Sequence[Mapping[str, Any]], *, key: str | None = None
    ) -> list[Outcome]:
        """Run an operation for many inputs in one transaction, by its bulk form where it has one.

        Of an operation that acts on a record each input is ``{"target", "version", "values"}``, the version as in
        `run`. ``key`` is an idempotency key for all of them together. Returns one `Outcome` for each input in order; an
        input that is refused costs itself alone. Raises Refused, KeyReused.
        """
        return self.gate.run_many(actor, operation, items, key=key)

    def system(self, reason: str) -> Actor:
        """Return the actor of system scope; ``reason`` is audited."""
        return Actor.system(reason)

    def worker(self, *, threads: int = 1, name: str | None = None) -> Worker:
        """Return a worker that carries out this CRM's jobs inside the host's own process: call ``start`` and ``stop``
        on it, or ``run_until_idle``. SQLite gets one job at a time, PostgreSQL up to ``threads``."""
        from crmkit.core.operations.worker import Worker

        return Worker(self, threads=threads, name=name)

    @cached_property
    def files(self) -> FileStore:
        """Return what keeps the bytes of attachments: a plugin's store, or the folder that the settings name.

        Raises ConfigurationError where there is neither.
        """
        from crmkit.core.interactions.files import open_store

        return open_store(self.dispatcher, self.settings)

    @cached_property
    def vault(self) -> Vault:
        """Return what seals and opens values, makes blind tokens and signs; it reads the keys at its first use."""
        from crmkit.core.vault.keyring import Vault
        from crmkit.core.vault.providers import Providers
        from crmkit.lifecycle.opening import unloaded_keepers

        return Vault(
            self.engines, lambda: Providers(self.dispatcher, self.settings, later=lambda: unloaded_keepers(self))
        )

    # --- who acts -----------------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, address: str | None = None, *, code: str | None = None) -> Actor:
        """Return the actor of the user with this login and password. ``address`` is the network address that the call
        comes from: who gives it keeps users from being slowed down by those who guess elsewhere. ``code`` is one of
        the second factor, for who has one.

        Raises InvalidCredentials when anything of it is not right, FactorNeeded where a code is missing or a second
        factor has to be set up first, TooManyAttempts when it was not even looked at.
        """
        from crmkit.security.sessions.signing import sign_in

        return sign_in(self, login, password, address, code=code)

    def actor_of_token(self, token: str, address: str | None = None) -> Actor:
        """Return the actor of an API token, to be asked for at every call: a revoked token opens nothing any more.

        Raises InvalidCredentials for one that opens nothing, TooManyAttempts when too many such came from the address.
        """
        from crmkit.security.credentials.tokens import actor_of_token

        return actor_of_token(self, token, address)

    def resolve_actor(self, context: ActorContext) -> Actor:
        """Return who is calling through a door: the user of a token or of a browser's session, else whom a plugin or
        the host application vouches for, else the user of a password, else the public, who may do nothing.

        Raises InvalidCredentials, FactorNeeded and TooManyAttempts as the other two do, HookError when a plugin fails.
        """
        from crmkit.security.credentials.resolving import resolve_actor

        return resolve_actor(self, context)

    def asgi(self, **options: Any) -> Callable[..., Awaitable[None]]:
        """Return the ASGI application of this CRM: the API under ``/api/v1`` and the pages of the staff, to be served,
        or mounted in a host's application. ``options`` are those of `crmkit.web.http.options.WebOptions`.

        Raises MissingExtra where crmkit[web] is not installed.
        """
        # By name, as the doors are built on this module.
        try:
            doors = import_module("crmkit.web.app")
            shape = import_module("crmkit.web.http.options").WebOptions
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.partition(".")[0] == "crmkit":
                raise
            raise MissingExtra(_("The pages and the API need {library}."), extra="web", library=error.name) from error
        return doors.asgi(self, shape(**options))

    def business(self) -> Config:
        """Return what the business has configured."""
        with self.session(Actor.system("reading the configuration")) as session:
            return self.config.get(session)

    def explain(self, actor: Actor, action: str, record: Any = None) -> Explanation:
        """Return whether an actor may do something with a record, or at all, which rule decides it, and what would be
        needed. ``action`` is an operation's name or a right such as ``customer.update``; ``record`` a record or its id.

        It tells all; who asks on behalf of somebody uses `crmkit.security.roles.explaining.explain` with that session.
        Raises NotFound for a record that there is not, InvalidInput for an action that there is not.
        """
        from crmkit.security.roles.explaining import explain

        return explain(self, actor, action, record)

    # --- plugins ------------------------------------------------------------------------------------------------

    @classmethod
    def upgrade(
        cls, target: Target | None = None, *, engine: Engine | None = None, plugins: Sequence[PluginManifest] = ()
    ) -> UpgradeReport:
        """Bring a database to the versions of crmkit and of the enabled plugins that are installed.

        Returns what was done; a plugin that fails is named in it and stops no other. Raises MigrationError when the
        kernel's own revisions fail, ConfigurationError and StoreError as `open` does.
        """
        settings = read_settings(target, engine)
        crm = cls(settings, open_engines(settings, engine), plugins=plugins)
        try:
            return crm.upgrade_database()
        finally:
            crm._let_go()

    def upgrade_database(self, actor: Actor | None = None) -> UpgradeReport:
        """Run all revisions that are pending, the kernel's first. Returns and raises as `upgrade` does."""
        from crmkit.lifecycle.upgrading import upgrade_all

        return upgrade_all(self, actor)

    @property
    def plugins(self) -> tuple[PluginView, ...]:
        """Return every plugin that is installed or was enabled once, by name, with its state."""
        return self.list_plugins()

    def list_plugins(self, *, sizes: bool = False) -> tuple[PluginView, ...]:
        """Return what `plugins` does; with ``sizes`` each with its tables and how many rows they have."""
        from crmkit.lifecycle.opening import views

        return views(self, sizes=sizes)

    def plan_enable(self, name: str) -> EnablePlan:
        """Return what enabling a plugin would do, and what stands in the way. Nothing is written."""
        from crmkit.lifecycle.enabling import plan_enable

        return plan_enable(self, name)

    def enable(self, plan: EnablePlan | str, actor: Actor | None = None) -> tuple[str, ...]:
        """Do what a plan says, or enable a plugin by name, with those that it requires; returns the names in order.

        Raises LifecycleError, MigrationError and what the plugin raised; see `crmkit.lifecycle.enabling.enable`.
        """
        from crmkit.lifecycle.enabling import enable

        return enable(self, self.plan_enable(plan) if isinstance(plan, str) else plan, actor)

    def disable(self, name: str, *, cascade: bool = False, actor: Actor | None = None) -> Disabled:
        """Disable a plugin and keep its data; with ``cascade`` those that require it, too. Raises LifecycleError."""
        from crmkit.lifecycle.disabling import disable

        return disable(self, name, cascade=cascade, actor=actor)

    def plan_purge(self, name: str) -> PurgePlan:
        """Return what purging a plugin would drop, and what stands in the way. Nothing is written."""
        from crmkit.lifecycle.purging import plan_purge

        return plan_purge(self, name)

    def purge(
        self, plan: PurgePlan | str, *, export_to: Path | None = None, force: bool = False, actor: Actor | None = None
    ) -> Purged:
        """Drop everything of a plugin that is not enabled, after exporting it to a folder if one is named.

        Raises LifecycleError, BackupError and what the plugin raised; see `crmkit.lifecycle.purging.purge`.
        """
        from crmkit.lifecycle.purging import purge

        wanted = self.plan_purge(plan) if isinstance(plan, str) else plan
        return purge(self, wanted, export_to=export_to, force=force, actor=actor)

    def is_stale(self) -> bool:
        """Say whether plugins were enabled or disabled since this object was built; then it should be opened anew."""
        with self.session(Actor.system("looking for changed plugins")) as session:
            return self.gate.generation(session, "plugins") != self.generation


def read_settings(target: Target | None, engine: Engine | None = None) -> Settings:
    """Return the settings for a URL, the folder of an installation, or None for the one of the environment.

    Raises HomeError and ConfigurationError.
    """
    if isinstance(target, Settings):
        return target
    # A process that is said to be in production is so by whatever address it opens a database.
    said = os.environ.get("CRMKIT_PROFILE")
    profile = {"profile": said} if said else {}
    if engine is not None and target is None:
        return Settings.from_mapping({**profile, "database": str(engine.url)})
    if target is None:
        target = os.environ.get("CRMKIT_HOME") or "."
    text = str(target)
    if "://" in text:
        return Settings.from_mapping({**profile, "database": text})
    return Settings.from_home(Path(text))
