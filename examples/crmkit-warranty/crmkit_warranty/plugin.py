"""Every hook of crmkit once. Each function only says what the plugin has; imports are inside, so that this module is
cheap and a failure is put down to the hook that it happened in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit import hookimpl, texts
from crmkit.hooks.contributions import (
    AccessRule,
    Board,
    Calendar,
    Change,
    Channel,
    Check,
    DashboardCard,
    Dimension,
    ExportSection,
    FactSet,
    Feed,
    IncomingChange,
    InteractionKind,
    Job,
    KeptValue,
    Match,
    Page,
    Panel,
    PayloadField,
    PersonalData,
    Probe,
    PublicPage,
    PublicSite,
    Report,
    Resource,
    Rule,
    Searchable,
    SearchField,
    SearchHit,
    Segment,
    Subscription,
    TimelineEntry,
)

if TYPE_CHECKING:
    from crmkit import CRM, Actor, CrmSession, Settings
    from crmkit.hooks.ports import ActorContext, Delivery, FileStore, JobBackend, KeyProvider, Message

_ = texts("crmkit_warranty")


# --- what the plugin has ----------------------------------------------------------------------------------------------


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the models; those that others refer to come first."""
    from crmkit_warranty.models import Claim, Terms, Warranty

    return [Terms, Warranty, Claim]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    from crmkit_warranty.resources import RESOURCES

    return RESOURCES


@hookimpl
def crmkit_operations() -> Sequence[Callable[..., Any]]:
    """Return the operations."""
    from crmkit_warranty.operations import OPERATIONS

    return OPERATIONS


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events."""
    from crmkit_warranty.events import EVENTS

    return EVENTS


@hookimpl
def crmkit_interaction_kinds() -> Sequence[InteractionKind]:
    """Return the kind of interaction that a claim is."""
    return [
        InteractionKind(
            name="warranty.claimed",
            title=_("Claim"),
            channel="in_person",
            direction="in",
            payload=(
                PayloadField(name="serial", required=True, classified="internal", title=_("Serial number")),
                PayloadField(name="defect", required=True, title=_("Defect")),
            ),
            description=_("A claim on a warranty."),
        )
    ]


@hookimpl
def crmkit_channels() -> Sequence[Channel]:
    """Return the channel of printed cards."""
    return [Channel(name="warranty.card", title=_("Warranty card"), contact_kind="address")]


@hookimpl
def crmkit_facts() -> Sequence[FactSet]:
    """Return the fact set."""
    from crmkit_warranty.facts import FACTS

    return FACTS


@hookimpl
def crmkit_dimensions() -> Sequence[Dimension]:
    """Return the dimension."""
    from crmkit_warranty.rules import DIMENSIONS

    return DIMENSIONS


@hookimpl
def crmkit_segments() -> Sequence[Segment]:
    """Return the segment."""
    from crmkit_warranty.rules import SEGMENTS

    return SEGMENTS


@hookimpl
def crmkit_searchables() -> Sequence[Searchable]:
    """Return that warranties are found by their serial number."""
    from crmkit_warranty.models import Warranty

    fields = (SearchField(name="serial", part="title"),)
    return [
        Searchable(name="warranty.warranty", model=Warranty, title=_("Warranty"), fields=fields, customer="customer_id")
    ]


@hookimpl
def crmkit_rules() -> Sequence[Rule]:
    """Return the rule."""
    from crmkit_warranty.rules import RULES

    return RULES


@hookimpl
def crmkit_reports() -> Sequence[Report]:
    """Return the report."""
    from crmkit_warranty.reports import REPORTS

    return REPORTS


@hookimpl
def crmkit_subscriptions() -> Sequence[Subscription]:
    """Return the subscriptions: one within the change, one after it, one that is never lost."""
    from crmkit_warranty.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the jobs: one periodic, one deferred."""
    from crmkit_warranty.jobs import JOBS

    return JOBS


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the tables hold about persons."""
    return [
        PersonalData(
            table="warranty_warranty",
            columns=("serial", "receipt", "defect"),
            purpose=_("Honouring the warranty"),
            retention_days=3650,
        ),
        PersonalData(
            table="warranty_claim", columns=("defect",), purpose=_("Honouring the warranty"), retention_days=3650
        ),
    ]


@hookimpl
def crmkit_pages() -> Sequence[Page]:
    """Return the overview."""
    from crmkit_warranty.pages import PAGES

    return PAGES


@hookimpl
def crmkit_dashboard_cards() -> Sequence[DashboardCard]:
    """Return the card of warranties that end."""
    from crmkit_warranty.pages import CARDS

    return CARDS


@hookimpl
def crmkit_public_pages() -> Sequence[PublicPage]:
    """Return the page on which customers see their own warranties."""
    from crmkit_warranty.pages import PUBLIC_PAGES

    return PUBLIC_PAGES


@hookimpl
def crmkit_public_sites() -> Sequence[PublicSite]:
    """Return the page on which anybody reads the terms."""
    from crmkit_warranty.pages import PUBLIC_SITES

    return PUBLIC_SITES


@hookimpl
def crmkit_boards() -> Sequence[Board]:
    """Return the board of warranties by status."""
    from crmkit_warranty.views import BOARDS

    return BOARDS


@hookimpl
def crmkit_calendars() -> Sequence[Calendar]:
    """Return the calendar of the days on which warranties end."""
    from crmkit_warranty.views import CALENDARS

    return CALENDARS


@hookimpl
def crmkit_checks() -> Sequence[Check]:
    """Return the check."""
    from crmkit_warranty.checks import CHECKS

    return CHECKS


@hookimpl
def crmkit_guards() -> Sequence[str]:
    """Return the foreign resource that the plugin has a say in."""
    return ["customer"]


# --- who may ----------------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_access_rules(action: str, resource: str) -> Sequence[AccessRule] | None:
    """Deny changes to closed warranties."""
    if resource != "warranty.warranty" or action == "read":
        return None
    from crmkit_warranty.models import Warranty

    return [AccessRule(effect="deny", where=Warranty.status == "closed", reason=_("A closed warranty is final."))]


# --- what others show -------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return when warranties were registered; claims are interactions already."""
    from crmkit_warranty.queries import warranties_of

    return [
        TimelineEntry(
            customer_id=warranty.customer_id,
            occurred_at=warranty.created_at,
            kind="warranty.registered",
            title=_("Warranty registered"),
            summary=warranty.serial,
            ref=f"warranty.warranty:{warranty.id}",
        )
        for warranty in warranties_of(session, customer_ids, since, until)
    ]


@hookimpl
def crmkit_match_customers(session: CrmSession, probes: Sequence[Probe]) -> Sequence[Match]:
    """Recognise somebody by a serial number, given as an identifier of the source "warranty"."""
    from crmkit_warranty.queries import owners_by_serial

    asked: dict[str, list[int]] = {}
    for number, probe in enumerate(probes):
        for source, value in probe.identifiers:
            if source == "warranty":
                asked.setdefault(value, []).append(number)
    return [
        Match(probe=number, customer_id=customer_id, score=0.95, reason=_("Same serial number"))
        for serial, customer_id in owners_by_serial(session, list(asked))
        for number in asked[serial]
    ]


@hookimpl
def crmkit_customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return how many warranties run and when the next one ends."""
    from crmkit_warranty.queries import counts_of

    return [
        Panel(
            customer_id=customer_id,
            title=_("Warranties"),
            rows=((_("Held"), str(number)), (_("Next to end"), first.isoformat())),
        )
        for customer_id, number, first in counts_of(session, customer_ids)
    ]


@hookimpl
def crmkit_search(session: CrmSession, text: str, limit: int) -> Sequence[SearchHit]:
    """Find warranties by the beginning of their serial number, or the whole number of the receipt."""
    from crmkit_warranty.queries import by_number

    return [
        SearchHit(
            ref=f"warranty.warranty:{warranty.id}",
            title=warranty.serial,
            score=1.0 if warranty.serial.lower() == text.strip().lower() else 0.5,
            customer_id=warranty.customer_id,
        )
        for warranty in by_number(session, text, limit)
    ]


# --- what the plugin takes over, where the settings ask for it --------------------------------------------------------


@hookimpl
def crmkit_resolve_actor(context: ActorContext) -> Actor | None:
    """Recognise a service partner by a ticket."""
    from crmkit_warranty.tickets import HEADER, actor_of

    ticket = context.credentials.get(HEADER)
    return None if ticket is None else actor_of(ticket)


@hookimpl
def crmkit_key_provider(settings: Settings) -> KeyProvider | None:
    """Keep the root keys in a folder, if one is set."""
    from crmkit_warranty.settings import settings_of
    from crmkit_warranty.stores import FolderKeys

    folder = settings_of(settings).keys
    return None if folder is None else FolderKeys(folder)


@hookimpl
def crmkit_job_backend(settings: Settings) -> JobBackend | None:
    """Hand jobs over as files, if a folder is set."""
    from crmkit_warranty.settings import settings_of
    from crmkit_warranty.stores import FolderJobs

    folder = settings_of(settings).spool
    return None if folder is None else FolderJobs(folder)


@hookimpl
def crmkit_deliver_message(crm: CRM, message: Message) -> Delivery | None:
    """Write warranty cards, if a folder is set."""
    from crmkit_warranty.cards import deliver

    return deliver(crm, message)


@hookimpl
def crmkit_file_store(settings: Settings) -> FileStore | None:
    """Keep attachments in a folder, if one is set."""
    from crmkit_warranty.settings import settings_of
    from crmkit_warranty.stores import FolderFiles

    folder = settings_of(settings).files
    return None if folder is None else FolderFiles(folder)


# --- part of a change -------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_validate_change(session: CrmSession, changes: Sequence[Change]) -> None:
    """Refuse to change a serial number, and to put away a customer who has an open claim."""
    from crmkit_warranty.guards import check_changes

    check_changes(session, changes)


@hookimpl
def crmkit_check_feed(crm: CRM, actor: Actor, feed: Feed) -> None:
    """Take in nothing that pretends to be the plugin's own registrations."""
    from crmkit_warranty.guards import check_feed

    check_feed(feed)


@hookimpl
def crmkit_keep_values(session: CrmSession, changes: Sequence[IncomingChange]) -> Sequence[KeptValue]:
    """Let nobody's name be imported anew while a claim is open."""
    from crmkit_warranty.guards import names_on_claims

    return names_on_claims(session, changes)


@hookimpl
def crmkit_merge_customers(session: CrmSession, source_id: UUID, target_id: UUID) -> None:
    """Give the scans of the one who is absorbed to the other."""
    from crmkit_warranty.scans import hand_over

    hand_over(session, source_id, target_id)


@hookimpl
def crmkit_erase_customer(session: CrmSession, customer_id: UUID) -> None:
    """Remove the scans."""
    from crmkit_warranty.scans import forget

    forget(session, customer_id)


@hookimpl
def crmkit_export_customer(session: CrmSession, customer_id: UUID) -> Sequence[ExportSection]:
    """Name the scans."""
    from crmkit_warranty.scans import names_of

    names = names_of(session, customer_id)
    return [ExportSection(title=_("Scanned cards"), rows=[{"file": name} for name in names])] if names else []


# --- life cycle -------------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_startup(crm: CRM) -> None:
    """Refuse to run with settings that cannot be used, rather than to fail at the first claim."""
    from crmkit_warranty.settings import settings_of

    cards = settings_of(crm.settings).cards
    if cards is not None:
        cards.mkdir(parents=True, exist_ok=True)


@hookimpl
def crmkit_shutdown(crm: CRM) -> None:
    """Remove cards that were begun and never finished."""
    from crmkit_warranty.cards import tidy

    tidy(crm.settings)


@hookimpl
def crmkit_plugin_enabled(crm: CRM) -> None:
    """Add the default terms."""
    from crmkit_warranty.setup import default_terms

    default_terms(crm)


@hookimpl
def crmkit_plugin_disabled(crm: CRM) -> None:
    """Take back the cards that wait for the printer."""
    from crmkit_warranty.cards import remove_all
    from crmkit_warranty.settings import settings_of

    remove_all(settings_of(crm.settings).cards)


@hookimpl
def crmkit_plugin_upgraded(crm: CRM, from_version: str) -> None:
    """Add the default terms, which versions before 0.3 did not have."""
    from crmkit_warranty.setup import default_terms

    if from_version.startswith(("0.1", "0.2")):
        default_terms(crm)


@hookimpl
def crmkit_plugin_purging(crm: CRM, session: CrmSession) -> None:
    """Remove the scans and cards when the purge commits."""
    import shutil

    from crmkit_warranty.cards import remove_all
    from crmkit_warranty.settings import settings_of

    settings = settings_of(crm.settings)
    session.on_commit(lambda: remove_all(settings.cards))
    if settings.scans is not None:
        scans = settings.scans
        session.on_commit(lambda: shutil.rmtree(scans, ignore_errors=True))
