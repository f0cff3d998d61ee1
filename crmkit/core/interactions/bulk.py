"""Recording interactions, many at once: a fixed number of statements for a batch. One is a batch of one.

Rows are written by `executemany`, not through the mapper; what belongs to every write (that plugins may refuse it, that
it happens inside an operation) is done here all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.interactions import references
from crmkit.core.interactions.drafts import AHEAD, Draft, Surroundings, draft
from crmkit.core.interactions.events import InteractionsRecorded, ProductsCreated
from crmkit.core.interactions.inputs import NewInteraction, Recorded
from crmkit.core.interactions.lookups import existing_ids, products_by_sku, recorded_keys
from crmkit.core.interactions.models import REGION, Interaction, InteractionKey, Participant, Product, PurchaseLine
from crmkit.core.interactions.openness import parts_of
from crmkit.core.operations.events import BATCH
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.guard import region
from crmkit.core.store.guard.writing import check_new, scope_to_write
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import HIDDEN, sealed_fields
from crmkit.core.store.seals import SUBJECT, seal_tables
from crmkit.errors import CrmkitError, InvalidInput, Refused
from crmkit.hooks.contributions import Change
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

Row = dict[str, Any]
_ = texts("crmkit")

_ATTRIBUTES = {"payload": "payload_open"}
"""Columns that records call by another name."""


def record_many(session: CrmSession, items: Sequence[NewInteraction]) -> list[Recorded | CrmkitError]:
    """Record interactions and return for each what became of it, or the error for which it was refused.

    What its source has named before, in this batch or an earlier one, is answered as a duplicate. Rows come in this
    order: products that were missing, keys, interactions, lines, participants.
    """
    session.flush()
    config = session.crm.config.get(session)
    clock = session.gate.clock
    registry = session.gate.registry
    now = clock.business_now()
    around = Surroundings(
        kinds=registry.interaction_kinds,
        channels=registry.tables["channel"],
        base_currency=config.base_currency,
        now=now,
        latest=max(now, clock.now()) + AHEAD,
    )
    drafts = [draft(item, around) for item in items]
    _find_recorded(session, drafts)
    open_ = [made for made in drafts if made.is_new]
    references.find_customers(session, open_, config.country)
    references.find_about(session, open_)
    missing = references.find_products(session, open_)
    writer = _Writer(session, clock.now(), config.country)
    _validate(session, writer, open_)
    references.refuse_orphans(open_)
    writer.claim_keys(open_)
    writer.write([made for made in open_ if made.is_new], missing)
    return [_answer(made) for made in drafts]


def _find_recorded(session: CrmSession, drafts: Sequence[Draft]) -> None:
    """Find what was recorded before under the drafts' keys."""
    keys = {made.key for made in drafts if made.key is not None and not made.problems}
    found = recorded_keys(session, keys)
    for made in drafts:
        if made.key is not None and not made.problems:
            made.existing = found.get(made.key)
    _hide_foreign(session, drafts)


def _hide_foreign(session: CrmSession, drafts: Sequence[Draft]) -> None:
    """Refuse the drafts whose keys are those of interactions that their actor may not see, and say nothing of these."""
    known = {made.existing[0] for made in drafts if made.existing is not None}
    shown = existing_ids(session, Interaction.id, known)
    if not known <= shown:
        with region(session, "who has recorded something knows of it"):
            shown |= existing_ids(session, Interaction.id, known - shown, Interaction.actor_id == session.actor.id)
    for made in drafts:
        if made.existing is not None and made.existing[0] not in shown:
            made.existing = None
            made.refuse(_("Another interaction has this id already."), "external_id", made.item.external_id)


def _answer(made: Draft) -> Recorded | CrmkitError:
    if made.problems:
        return InvalidInput(made.problems)
    source = made.known_as or made
    if source.problems:
        return InvalidInput(source.problems)
    if source.existing is not None:
        return Recorded(id=source.existing[0], customer_id=source.existing[1], duplicate=True)
    return Recorded(id=source.id, customer_id=source.customer_id, duplicate=made is not source)


def _validate(session: CrmSession, writer: _Writer, drafts: Sequence[Draft]) -> None:
    """Let plugins check what is about to be written. What one refuses costs itself alone."""
    if session.unit.validate is None:
        return
    changes = {made.id: _changes(session, writer, made) for made in drafts if made.is_new}
    try:
        session.unit.now_flushing(lambda: [change for each in changes.values() for change in each], session)
    except CrmkitError:
        if len(drafts) == 1:
            raise
        for made in drafts:
            if made.is_new:
                _validate_one(session, made, changes[made.id])


def _validate_one(session: CrmSession, made: Draft, changes: list[Change]) -> None:
    try:
        session.unit.now_flushing(lambda: changes, session)
    except CrmkitError as error:
        made.problems += error.problems


def _changes(session: CrmSession, writer: _Writer, made: Draft) -> list[Change]:
    made_rows: list[tuple[type[Any], Row]] = [(Interaction, writer.interaction(made))]
    made_rows += [(PurchaseLine, row) for row in writer.lines(made)]
    made_rows += [(Participant, row) for row in writer.participants(made)]
    found: list[Change] = []
    for model, row in made_rows:
        sealed = sealed_fields(model)
        values = {_ATTRIBUTES.get(name, name): value for name, value in row.items() if not name.startswith("_")}
        found.append(
            Change(
                resource=session.gate.registry.resource_name(model.__tablename__),
                record=model(**values),
                kind="create",
                fields={
                    name: (None, HIDDEN if name in sealed else value)
                    for name, value in values.items()
                    if value is not None
                },
            )
        )
    return found


class _Writer:
    """Makes the rows of drafts and writes them."""

    def __init__(self, session: CrmSession, now: datetime, region: str | None) -> None:
        self._session = session
        self._connection = session.connection()
        self._now = now
        self._region = region
        self._actor = session.actor.id
        self._kinds = session.gate.registry.interaction_kinds

    def claim_keys(self, drafts: Sequence[Draft]) -> None:
        """Write the keys. Where another process was quicker with one, its interaction is the answer.

        Keys are written in order, so that two batches wait for each other instead of blocking each other.
        """
        wanted = {made.key: made for made in drafts if made.is_new and made.key is not None}
        if not wanted:
            return
        table = _table(InteractionKey)
        rows = [
            {"source": key[0], "external_id": key[1], "interaction_id": made.id, "customer_id": made.customer_id}
            for key, made in sorted(wanted.items(), key=lambda pair: pair[0])
        ]
        if self._connection.dialect.name == "sqlite":
            # Nobody else writes: a SQLite transaction that writes is the only one.
            insert_rows(self._connection, table, rows)
            return
        statement = (
            cast(Any, postgresql).insert(table).on_conflict_do_nothing().returning(table.c.source, table.c.external_id)
        )
        with region(self._connection, "keys that another process may claim at the same time"):
            claimed = {(row.source, row.external_id) for row in self._connection.execute(statement, rows)}
        if len(claimed) < len(wanted):
            lost = [key for key in wanted if key not in claimed]
            for key, existing in recorded_keys(self._session, lost).items():
                wanted[key].existing = existing
            _hide_foreign(self._session, [wanted[key] for key in lost])

    def write(self, drafts: Sequence[Draft], missing: dict[str, str]) -> None:
        """Write everything of drafts that are new."""
        if not drafts:
            return
        if missing:
            self._create_products(drafts, missing)
        interactions = [self.interaction(made) for made in drafts]
        participants = [row for made in drafts for row in self.participants(made)]
        seal_tables(self._session, [(Interaction, interactions), (Participant, participants)])
        for row in participants:
            del row[REGION]
        self._session.unit.about(made.customer_id for made in drafts if made.customer_id is not None)
        insert_rows(self._connection, _table(Interaction), interactions)
        insert_rows(self._connection, _table(PurchaseLine), [row for made in drafts for row in self.lines(made)])
        insert_rows(self._connection, _table(Participant), participants)
        check_new(self._session, Interaction, [made.id for made in drafts])
        by_kind: dict[str, list[Draft]] = {}
        for made in drafts:
            by_kind.setdefault(made.item.kind, []).append(made)
        for kind, recorded in by_kind.items():
            for start in range(0, len(recorded), BATCH):
                part = recorded[start : start + BATCH]
                self._session.emit(
                    InteractionsRecorded(
                        kind=kind,
                        interaction_ids=tuple(made.id for made in part),
                        customer_ids=tuple(made.customer_id for made in part),
                    )
                )

    def interaction(self, made: Draft) -> Row:
        """Return the row of the interaction."""
        item = made.item
        shown, sealed = parts_of(self._kinds.get(item.kind), made.payload)
        return {
            "id": made.id,
            "recorded_at": self._now,
            "kind": item.kind,
            "channel": made.channel,
            "direction": made.direction,
            "customer_id": made.customer_id,
            "occurred_at": made.occurred_at,
            "actor_id": self._actor,
            "subject": item.subject or None,
            "body": item.body or None,
            "payload": shown,
            "payload_sealed": sealed or None,
            "amount_minor": made.amount_minor,
            "currency": made.currency,
            "duration": item.duration,
            "outcome": item.outcome,
            "thread": item.thread,
            "visibility": item.visibility,
            "source": item.source,
            "external_id": item.external_id,
            "reverses_id": None,
            "about_id": made.about_id,
        }

    def lines(self, made: Draft) -> list[Row]:
        """Return the rows of the lines, numbered from 1."""
        return [
            {
                "interaction_id": made.id,
                "line_no": number,
                "customer_id": made.customer_id,
                "product_id": product_id,
                "description": line.description,
                "quantity": amounts.quantity,
                "unit_price": amounts.unit_price,
                "amount_minor": amounts.amount_minor,
            }
            for number, (line, amounts, product_id) in enumerate(
                zip(made.item.lines, made.lines, made.product_ids, strict=True), 1
            )
        ]

    def participants(self, made: Draft) -> list[Row]:
        """Return the rows of the participants, with what an unknown customer was named by as the last ones."""
        item = made.item
        if not item.participants and (item.customer is None or made.customer_id is not None):
            return []
        rows = [
            self._participant(
                made,
                role=one.role,
                customer_id=one.customer_id,
                user_id=one.user_id,
                contact_kind=one.contact_kind,
                address=one.address,
                name=one.name,
            )
            for one in item.participants
        ]
        if item.customer is not None and made.customer_id is None:
            rows += [
                self._participant(
                    made,
                    role="customer",
                    contact_kind=clue.kind,
                    source=item.customer.source if clue.kind == "id" else None,
                    address=getattr(item.customer, clue.field),
                )
                for clue in references.clues(item.customer, self._region)
            ]
        return rows

    def _participant(self, made: Draft, **values: Any) -> Row:
        row: Row = {
            "id": new_id(),
            "recorded_at": self._now,
            "interaction_id": made.id,
            "role": "",
            "customer_id": None,
            "user_id": None,
            "contact_kind": None,
            "source": None,
            "address": None,
            "name": None,
            REGION: self._region,
        }
        row.update(values)
        # What is not yet known to be somebody's belongs to the conversation.
        row[SUBJECT] = row["customer_id"] or made.customer_id or made.id
        return row

    def _create_products(self, drafts: Sequence[Draft], missing: dict[str, str]) -> None:
        """Add the products that are missing; one that another process has just added is used as it is."""
        wanted = {
            line.sku
            for made in drafts
            for line, known in zip(made.item.lines, made.product_ids, strict=True)
            if known is None and line.sku is not None
        }
        if not wanted:
            return
        rows = [
            {
                "id": new_id(),
                "version": 1,
                "created_at": self._now,
                "created_by": self._actor,
                "updated_at": self._now,
                "sku": sku,
                "title": missing[sku],
                "category_id": None,
                "kind": "main",
                "active": True,
            }
            for sku in sorted(wanted)
        ]
        dialect = cast(Any, postgresql if self._connection.dialect.name == "postgresql" else sqlite)
        if scope_to_write(self._session, Product, "create") == "none":
            raise Refused(_("{actor} may not add products to the catalogue."), actor=self._session.actor.name)
        with region(self._connection, "products that another process may add at the same time"):
            self._connection.execute(dialect.insert(_table(Product)).on_conflict_do_nothing(), rows)
        ids = products_by_sku(self._session, wanted)
        made_here = {row["id"] for row in rows}
        created = [identity for identity in ids.values() if identity in made_here]
        for start in range(0, len(created), BATCH):
            self._session.emit(ProductsCreated(product_ids=tuple(created[start : start + BATCH])))
        for made in drafts:
            made.product_ids = [
                ids[line.sku] if known is None and line.sku is not None else known
                for line, known in zip(made.item.lines, made.product_ids, strict=True)
            ]


def _table(model: type[Any]) -> Any:
    return model.__table__
