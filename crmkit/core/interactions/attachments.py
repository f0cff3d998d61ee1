"""Files that belong to customers and interactions: adding, opening, and clearing what nothing refers to.

Content is sealed under the data key of whose file it is before it reaches the store. It is stored before the row that
names it is committed, and removed when the transaction is undone; so a row always has its content, and what a crash
leaves behind is content without a row, which `sweep` removes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.events import AttachmentAdded
from crmkit.core.interactions.files import Listing, disposition, new_key, safe_filename
from crmkit.core.interactions.lookups import chunks
from crmkit.core.interactions.media_types import media_type_of, refused
from crmkit.core.interactions.models import Attachment, Interaction
from crmkit.core.interactions.visibility import visible_to
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import ConfigurationError, InvalidInput, NotFound, Problem, SealBroken, StoreError
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.hooks.ports import FileStore

_ = texts("crmkit")

_PENDING = "crmkit.files"
GRACE = timedelta(days=1)
"""How old content without a row has to be before it is removed: a transaction may still be under way."""


@frozen(kw_only=True)
class Upload:
    """A file as it came: its name, which is not trusted, and its content."""

    filename: Annotated[str, Input(title=_("File name"), max_length=1000, classified="personal")]
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Download:
    """A file to hand out. ``headers`` make a browser save it and never show it in the page's origin."""

    filename: str
    media_type: str
    size: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


@operation("attachment.add", title=_("Attach a file"), effect="create")
def add_attachment(
    session: CrmSession,
    *,
    upload: Upload,
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), classified="internal", resource="customer")] = None,
    interaction_id: Annotated[UUID | None, Input(title=_("Interaction"), classified="internal")] = None,
) -> Attachment:
    """Attach a file to an interaction or to a customer.

    Raises FileRejected for a file that is too large or of a type that is not accepted, ConfigurationError where no
    place for files is configured.
    """
    customer_id = _owner(session, customer_id, interaction_id)
    limit = session.crm.settings.attachment_limit
    if len(upload.content) > limit:
        raise refused(_("The file is larger than {limit} bytes."), limit=limit)
    filename = safe_filename(upload.filename)
    # What is checked is the name as it came: cleaning must not hide an extension.
    media_type_of(upload.filename.strip(), upload.content)
    media_type = media_type_of(filename, upload.content)
    key = new_key()
    store = _store(session)
    _remove_on_rollback(session, store, key)
    # Until its customer is known a file is the interaction's. Its key in the store is bound to it, so that none can
    # take another one's place.
    sealed = session.crm.vault.encrypt_bytes(session, customer_id or interaction_id, key, upload.content)
    store.put(key, sealed)
    clock = session.gate.clock
    attachment = Attachment(
        recorded_at=clock.now(),
        customer_id=customer_id,
        interaction_id=interaction_id,
        filename=filename,
        media_type=media_type,
        size=len(upload.content),
        storage_key=key,
        actor_id=session.actor.id,
        occurred_at=clock.business_now(),
    )
    session.add(attachment)
    session.emit(AttachmentAdded(attachment_id=attachment.id, customer_id=customer_id, interaction_id=interaction_id))
    return attachment


def _owner(session: CrmSession, customer_id: UUID | None, interaction_id: UUID | None) -> UUID | None:
    """Return whose file it is. Raises InvalidInput when what it belongs to is not there."""
    if customer_id is None and interaction_id is None:
        problem = Problem("CK500", _("Name the customer or the interaction that it belongs to."), field="customer_id")
        raise InvalidInput([problem])
    if customer_id is not None:
        customer = session.get(Customer, customer_id)
        if customer is None or customer.deleted_at is not None:
            raise InvalidInput([Problem("CK500", _("There is no such customer."), field="customer_id")])
    if interaction_id is None:
        return customer_id
    interaction = session.get(Interaction, interaction_id)
    if interaction is None:
        raise InvalidInput([Problem("CK500", _("There is no such interaction."), field="interaction_id")])
    if customer_id is not None and interaction.customer_id != customer_id:
        problem = Problem("CK500", _("The interaction belongs to another customer."), field="interaction_id")
        raise InvalidInput([problem])
    return interaction.customer_id


def open_attachment(session: CrmSession, attachment_id: UUID) -> Download:
    """Return a file to hand out.

    Raises NotFound when there is none that the session's actor may see, StoreError when its content is not what was
    stored, Erased when the key that it was sealed under is destroyed.
    """
    query = (
        select(Attachment)
        .outerjoin(Interaction, Interaction.id == Attachment.interaction_id)
        .where(Attachment.id == attachment_id, Attachment.interaction_id.is_(None) | visible_to(session))
    )
    attachment = session.scalar(query)
    if attachment is None:
        raise NotFound(_("There is no such file."))
    vault, key = session.crm.vault, attachment.storage_key
    try:
        content = vault.decrypt_bytes(
            session, attachment.customer_id or attachment.interaction_id, key, _store(session).get(key)
        )
    except SealBroken as error:
        raise StoreError(_("The content of this file was altered.")) from error
    return Download(
        filename=attachment.filename,
        media_type=attachment.media_type,
        size=attachment.size,
        headers={
            "Content-Type": attachment.media_type,
            "Content-Disposition": disposition(attachment.filename),
            "Content-Length": str(len(content)),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
        content=content,
    )


def sweep(session: CrmSession, *, older_than: timedelta = GRACE) -> int:
    """Remove content that no row names, and return how many files that were.

    A store that cannot list what it holds is left alone.
    """
    try:
        store = _store(session)
    except ConfigurationError:
        return 0
    if not isinstance(store, Listing):
        return 0
    latest = session.gate.clock.now() - older_than
    old = [key for key, since in store.stored() if since < latest]
    removed = 0
    for part in chunks(old):
        named = set(session.scalars(select(Attachment.storage_key).where(Attachment.storage_key.in_(part))))
        for key in part:
            if key not in named:
                store.delete(key)
                removed += 1
    return removed


def _sweep_job(session: CrmSession, tick: datetime) -> None:
    sweep(session)


def _store(session: CrmSession) -> FileStore:
    return cast("FileStore", session.crm.files)


# --- content goes when its transaction is undone ---------------------------------------------------------------------


@frozen
class _Pending:
    key: str
    store: Any
    transaction: SessionTransaction | None


def _remove_on_rollback(session: CrmSession, store: FileStore, key: str) -> None:
    transaction = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_PENDING, []).append(_Pending(key, store, transaction))


@event.listens_for(CrmSession, "after_soft_rollback")
def _rolled_back(session: Session, previous: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get(_PENDING, [])
    kept: list[_Pending] = []
    for each in pending:
        if _is_within(each.transaction, previous):
            each.store.delete(each.key)
        else:
            kept.append(each)
    if pending:
        session.info[_PENDING] = kept


@event.listens_for(CrmSession, "before_commit")
def _committing(session: Session) -> None:
    # When a commit fails nobody knows whether it happened: better content without a row than a row without content.
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)


def _is_within(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while transaction is not None:
        if transaction is outer:
            return True
        transaction = transaction.parent
    return False


ATTACHMENT_OPERATIONS: list[Any] = [add_attachment]
JOBS = (
    Job(
        name="attachment.sweep",
        title=_("Clear files without a record"),
        handler=_sweep_job,
        every="1 day",
        catch_up="latest",
        acts_as="system",
    ),
)
