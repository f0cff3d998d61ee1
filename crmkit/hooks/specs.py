"""Every hook of the kernel, documented. A plugin implements those it needs, with the arguments it needs.

Read this file to learn what a plugin can do; ``docs/hooks.md`` has an example for each. It must not import anything
but the marker: types are for the reader and the type checker.

Implementations are plain functions of the plugin's hook module under ``@hookimpl``. Each is called after those of the
plugins that its own plugin requires, unless its docstring says otherwise. What *Errors* names is in
`crmkit.hooks.policies`; whatever the policy, the error names the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.hooks.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks import contributions, ports
    from crmkit.settings import Settings


# --- declarative: called once, while the CRM is built; they open nothing and return frozen values ---------------------


@hookspec
def crmkit_models() -> Sequence[type[Any]] | None:
    """Return the mapped classes of the plugin, all over its own ``MetaData``.

    When: while the CRM is built, before any other hook; also to plan and check migrations.
    None: the plugin keeps no tables.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_resources() -> Sequence[contributions.Resource] | None:
    """Return the kinds of record that the doors serve. A model without a resource stays the plugin's own affair.

    When: while the CRM is built.
    None: nothing to serve.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_operations() -> Sequence[Callable[..., Any]] | None:
    """Return the functions under ``@operation`` that change something; there is no other way to write.

    When: while the CRM is built.
    None: the plugin changes nothing.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_events() -> Sequence[type[Any]] | None:
    """Return the classes under ``@event`` that the plugin's operations emit. A text in one says its field class.

    When: while the CRM is built, before subscriptions.
    None: the plugin emits none.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_interaction_kinds() -> Sequence[contributions.InteractionKind] | None:
    """Return the kinds of interaction that the plugin adds to the stream, with the shape of their payloads.

    When: while the CRM is built.
    None: no kinds of its own.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_facts() -> Sequence[contributions.FactSet] | None:
    """Return the fact sets that the plugin computes about customers, each one row per customer.

    When: while the CRM is built; the selects themselves are asked for when facts are read.
    None: no facts.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_dimensions() -> Sequence[contributions.Dimension] | None:
    """Return the dimensions by which the plugin classifies customers.

    When: while the CRM is built, after facts.
    None: no dimensions.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_segments() -> Sequence[contributions.Segment] | None:
    """Return the segments that the plugin ships; an admin can change or stop each of them.

    When: while the CRM is built, after facts and dimensions.
    None: no segments.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_rules() -> Sequence[contributions.Rule] | None:
    """Return the rules that the plugin ships; an admin can change or stop each of them.

    When: while the CRM is built, after events, facts and operations, which they are checked against.
    None: no rules.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_reports() -> Sequence[contributions.Report] | None:
    """Return the report templates.

    When: while the CRM is built; rows are computed when a report is asked for.
    None: no reports.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_searchables() -> Sequence[contributions.Searchable] | None:
    """Return the kinds of record that are found by their words; only what is kept in plain can be.

    When: while the CRM is built, after resources.
    None: none of the plugin's records is searched.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_subscriptions() -> Sequence[contributions.Subscription] | None:
    """Return the handlers for domain events, of the kernel or of plugins that the manifest requires.

    When: while the CRM is built, after the events of all plugins.
    None: the plugin listens to nothing.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_jobs() -> Sequence[contributions.Job] | None:
    """Return the jobs that workers carry out, deferred or periodic.

    When: while the CRM is built, in every process that defers or works.
    None: no jobs.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_channels() -> Sequence[contributions.Channel] | None:
    """Return the ways to reach customers that the plugin adds.

    When: while the CRM is built.
    None: no channels.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_personal_data() -> Sequence[contributions.PersonalData] | None:
    """Return what the plugin's tables hold about persons: needed for every table that names a customer.

    When: while the CRM is built; the answer is stored, so merge, export and erasure reach the tables while the
    plugin is not loaded.
    None: no table names a customer.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_pages() -> Sequence[contributions.Page] | None:
    """Return pages and menu entries that the declared resources and reports do not already give.

    When: while the CRM is built.
    None: no pages of its own.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_boards() -> Sequence[contributions.Board] | None:
    """Return boards of the plugin's records: a card for each, moved from column to column by an operation.

    When: while the CRM is built, after resources and operations.
    None: no boards.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_calendars() -> Sequence[contributions.Calendar] | None:
    """Return calendars of the plugin's records: an entry for each on its day.

    When: while the CRM is built, after resources.
    None: no calendars.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_public_pages() -> Sequence[contributions.PublicPage] | None:
    """Return pages that people without an account open by a signed link that expires, such as a survey.

    When: while the CRM is built.
    None: no public pages.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_public_sites() -> Sequence[contributions.PublicSite] | None:
    """Return sites whose pages anybody may open, without an account and without a link, such as a help centre.

    When: while the CRM is built.
    None: no public sites.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_dashboard_cards() -> Sequence[contributions.DashboardCard] | None:
    """Return cards for the first page of the staff: what there is to do or to know today.

    When: while the CRM is built; their lines are asked for when somebody looks, and an error shows in the card alone.
    None: no cards.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_checks() -> Sequence[contributions.Check] | None:
    """Return checks for ``crmkit doctor``.

    When: while the CRM is built; a check that raises later is itself reported as a finding.
    None: nothing to check.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_guards() -> Sequence[str] | None:
    """Return the names of resources, beyond the plugin's own, that it guards by access rules or by validation.

    Only for these and its own resources are `crmkit_access_rules` and `crmkit_validate_change` called on the plugin,
    so a failure in them costs nothing else.

    When: while the CRM is built, after resources.
    None: the plugin guards its own resources alone.
    Errors: quarantine. Since 1.0.
    """


# --- access: decides on rows, never one by one ------------------------------------------------------------------------


@hookspec
def crmkit_access_rules(actor: Actor, action: str, resource: str) -> Sequence[contributions.AccessRule] | None:
    """Return record rules: SQL predicates that allow or deny an action on rows of a resource. Denial wins.

    When: before a statement or an operation touches the resource; answers are kept for the length of a session.
    Arguments: ``actor`` is who acts; ``action`` is ``read`` or an operation's verb; ``resource`` is its name.
    None: no opinion.
    Errors: closed: an exception denies. Since 1.0.
    """


# --- behaviour: batched; each call gets all ids at once and costs a fixed number of statements ------------------------


@hookspec
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[contributions.TimelineEntry] | None:
    """Return entries for customers' timelines that are no interactions.

    When: a timeline is shown.
    Arguments: a reading ``session`` of the viewer; the customers; the half-open span from ``since`` to ``until`` (UTC,
    None for no bound).
    None: no entries.
    Errors: isolate: the timeline says whose entries are missing. Since 1.0.
    """


@hookspec
def crmkit_match_customers(
    session: CrmSession, probes: Sequence[contributions.Probe]
) -> Sequence[contributions.Match] | None:
    """Return customers that somebody probably is, by evidence that the kernel does not have.

    When: an import, an inbound message or a search for duplicates asks; the kernel's exact matches come first.
    Arguments: a reading ``session``; ``probes``, which `Match.probe` refers to by position from 0.
    None: no match.
    Errors: isolate. Since 1.0.
    """


@hookspec
def crmkit_customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[contributions.Panel] | None:
    """Return what is shown beside customers: short, computed from few rows.

    When: a customer or a list is shown.
    Arguments: a reading ``session`` of the viewer; the customers on the page.
    None: nothing to show.
    Errors: isolate. Since 1.0.
    """


@hookspec
def crmkit_search(session: CrmSession, text: str, limit: int) -> Sequence[contributions.SearchHit] | None:
    """Return hits of a search over what the kernel does not index itself.

    When: somebody searches across everything.
    Arguments: a reading ``session`` of the searcher; the ``text`` as typed, not empty; at most ``limit`` hits are used.
    None: no hits.
    Errors: isolate. Since 1.0.
    """


# --- first result: asked in order until one answers; the kernel's own answer comes last -------------------------------
# Implementations may ask to be called first or last: @hookimpl(tryfirst=True), @hookimpl(trylast=True).


@hookspec(firstresult=True)
def crmkit_resolve_actor(context: ports.ActorContext, crm: CRM) -> Actor | None:
    """Return who is calling, for callers that the kernel's users and tokens do not cover.

    That is `Actor.host` with the roles that a host application vouches for, or `Actor.user`.

    When: a door receives a call that brings no API token of crmkit.
    Arguments: ``context`` is what the door knows; its credentials are secret. ``crm`` is there to look users up.
    None: not a caller of this plugin's; the next one is asked.
    Errors: strict: the call is refused. Since 1.0.
    """


@hookspec(firstresult=True)
def crmkit_key_provider(settings: Settings) -> ports.KeyProvider | None:
    """Return the keeper of the root keys, in place of the files in the home's ``keys/``.

    When: once, while the CRM is built.
    Arguments: ``settings`` of the installation.
    None: the plugin keeps no keys.
    Errors: strict: the CRM does not open. Since 1.0.
    """


@hookspec(firstresult=True)
def crmkit_job_backend(settings: Settings) -> ports.JobBackend | None:
    """Return what carries out jobs, in place of the kernel's table and workers.

    When: once, while the CRM is built.
    Arguments: ``settings`` of the installation.
    None: the plugin carries out no jobs.
    Errors: strict: the CRM does not open. Since 1.0.
    """


@hookspec(firstresult=True)
def crmkit_deliver_message(crm: CRM, message: ports.Message) -> ports.Delivery | None:
    """Hand a message to a carrier and return what became of it.

    When: in a job, after consent and caps were checked, while no transaction is open.
    Arguments: the ``crm``; the ``message``, whose id is the same whenever it comes again.
    None: not a channel of this plugin's; the next one is asked.
    Errors: strict: nobody knows whether the message has left. Since 1.0.
    """


@hookspec(firstresult=True)
def crmkit_file_store(settings: Settings) -> ports.FileStore | None:
    """Return the keeper of attachments' bytes, in place of the home's folder.

    When: once, while the CRM is built.
    Arguments: ``settings`` of the installation.
    None: the plugin keeps no files.
    Errors: strict: the CRM does not open. Since 1.0.
    """


# --- in the transaction: part of the change; raising undoes all of it -------------------------------------------------


@hookspec
def crmkit_validate_change(session: CrmSession, changes: Sequence[contributions.Change]) -> None:
    """Refuse changes by raising `Veto` or `InvalidInput`.

    When: in an operation, before its records are written, with those of the guarded resources.
    Arguments: the operation's writing ``session``, which reads everything here, whatever its actor may see, so that an
    error must not tell what it found; all ``changes`` of one flush.
    None: always.
    Errors: strict: the operation is undone. Since 1.0.
    """


@hookspec
def crmkit_check_feed(crm: CRM, actor: Actor, feed: contributions.Feed) -> None:
    """Refuse a file that a source has sent, by raising an error, before anything of it is imported.

    When: an import was agreed to and is about to begin, or to go on; nothing of it has been written, and no transaction
    is open.
    Arguments: the ``crm``; ``actor`` is who imports; ``feed`` is the file, with its rows and what would become of them.
    None: always.
    Errors: strict: the import does not begin. Since 1.0.
    """


@hookspec
def crmkit_keep_values(
    session: CrmSession, source: str, changes: Sequence[contributions.IncomingChange]
) -> Sequence[contributions.KeptValue] | None:
    """Name values of known customers that stay as they are, whatever an import, or another system, says.

    When: in an import that changes known customers, before it does; also when it is only tried.
    Arguments: the writing ``session``, which reads everything here, whatever its actor may see, so that a reason must
    not tell what it found; ``source`` is the name of the system that the values come from; ``changes`` are those of one
    batch.
    None: every value may be changed.
    Errors: strict: the batch is undone. Since 1.0.
    """


@hookspec
def crmkit_merge_customers(session: CrmSession, source_id: UUID, target_id: UUID) -> None:
    """Finish a merge where the personal-data map cannot, such as recomputing a balance.

    When: in the merge, after rows were re-pointed by the map.
    Arguments: the writing ``session``; ``source_id`` is absorbed, ``target_id`` survives.
    None: always.
    Errors: strict: the merge is undone. Since 1.0.
    """


@hookspec
def crmkit_erase_customer(session: CrmSession, customer_id: UUID) -> None:
    """Erase what the personal-data map cannot reach, such as files or copies at a third party.

    When: in the erasure, after rows were deleted or anonymised by the map. It may come again for the same customer.
    Arguments: the writing ``session``; the customer.
    None: always.
    Errors: strict: the erasure is undone. Since 1.0.
    """


@hookspec
def crmkit_export_customer(session: CrmSession, customer_id: UUID) -> Sequence[contributions.ExportSection] | None:
    """Return what else a person is to be told about themselves, beyond the rows of the personal-data map.

    When: a subject access export is made.
    Arguments: a ``session`` in system scope; the customer.
    None: nothing to add.
    Errors: strict: no export rather than one that lacks a part. Since 1.0.
    """


# --- life cycle -------------------------------------------------------------------------------------------------------


@hookspec
def crmkit_startup(crm: CRM) -> None:
    """Prepare what lives as long as the process, such as a client with its pool of connections.

    When: the CRM has been built, before it is used.
    Arguments: the ``crm``.
    None: always.
    Errors: quarantine. Since 1.0.
    """


@hookspec
def crmkit_shutdown(crm: CRM) -> None:
    """Release what `crmkit_startup` prepared. Dependent plugins are called before those that they require.

    When: the CRM is closed.
    Arguments: the ``crm``.
    None: always.
    Errors: isolate. Since 1.0.
    """


@hookspec
def crmkit_plugin_enabled(crm: CRM) -> None:
    """Set up the plugin's data, such as default pipelines, by operations. It may come again after a crash.

    When: the plugin was enabled and its migrations have run; only on that plugin.
    Arguments: a ``crm`` with the plugin in it.
    None: always.
    Errors: concerned: the plugin is not enabled. Since 1.0.
    """


@hookspec
def crmkit_plugin_disabled(crm: CRM) -> None:
    """Take back what reaches outside, such as a web-hook at a third party. Data stays.

    When: just before the plugin is disabled; only on that plugin.
    Arguments: a ``crm`` with the plugin still in it.
    None: always.
    Errors: concerned: reported; the plugin is disabled all the same. Since 1.0.
    """


@hookspec
def crmkit_plugin_upgraded(crm: CRM, from_version: str) -> None:
    """Bring data forward that migrations cannot, such as what has to go through operations.

    When: another version of the plugin was found and its migrations have run; only on that plugin.
    Arguments: a ``crm`` with the plugin in it; ``from_version`` is the version that ran before.
    None: always.
    Errors: concerned: the plugin is broken until it succeeds. Since 1.0.
    """


@hookspec
def crmkit_plugin_purging(crm: CRM, session: CrmSession) -> None:
    """Remove what the plugin left outside its own tables. Those are dropped afterwards.

    When: the purge was confirmed, before tables are dropped; only on that plugin.
    Arguments: a ``crm`` with the plugin in it; the writing ``session`` of the purge.
    None: always.
    Errors: concerned: nothing is dropped. Since 1.0.
    """
