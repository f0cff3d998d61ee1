"""Public links: made by an operation, signed by the vault, opened by whoever holds one.

A link is ``id, expiry, signature``; the signature binds the page, the subject and the expiry, so that neither its
holder nor somebody who can write into the table alone makes one link out of another. A link that is forged, over,
revoked, used or of a customer who is gone is *closed*: nobody can tell which. Must not know how a page is shown.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import delete, select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import same
from crmkit.errors import Conflict, InvalidInput, LinkClosed, NotFound, Problem
from crmkit.hooks.contributions import PublicPage, Visit
from crmkit.i18n import texts
from crmkit.security.public.tables import PublicLink

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

MOST_DAYS = 730
MOST_DAYS_OF_MACHINES = 3650
PREFIX = "/p"
"""Where public pages are, below the address that everything is mounted at."""
_PURPOSE = "public link"
_SIGNATURE = 20
_LENGTH = 16 + 5 + _SIGNATURE
_LINK = cast(Any, PublicLink).__table__


@frozen(kw_only=True)
class IssuedLink:
    """A link as it is handed over. ``path`` is below the address of the installation; whoever has it may use it."""

    given_once: ClassVar[bool] = True

    link_id: UUID
    page: str
    path: Annotated[str, Input(classified="secret")] = field(repr=False)
    expires_at: datetime


@frozen(kw_only=True)
class OpenLink:
    """A link that was followed and holds: the page that it leads to, and who is visiting."""

    page: PublicPage
    owner: str
    visit: Visit
    expires_at: datetime


# --- making ----------------------------------------------------------------------------------------------------------


@operation("public_link.create", title=_("Make a public link"), effect="create", permission="public_link.create")
def create_link(
    session: CrmSession,
    *,
    page: Annotated[str, Input(title=_("Page"), max_length=80, classified="internal")],
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), classified="internal", resource="customer")] = None,
    ref: Annotated[
        str | None,
        Input(title=_("About"), help=_("A record, as resource:id."), max_length=160, classified="internal"),
    ] = None,
    days: Annotated[
        int | None,
        Input(
            title=_("Days"),
            help=_("Days that it holds."),
            minimum=1,
            maximum=MOST_DAYS_OF_MACHINES,
            classified="public",
        ),
    ] = None,
) -> IssuedLink:
    """Make a link by which somebody without an account opens a public page, for a customer or for nobody.

    Raises InvalidInput for a page that there is not and a record that the actor cannot see, NotFound for a customer
    whom the actor cannot see.
    """
    declared: PublicPage | None = session.gate.registry.tables["public page"].get(page)
    problems: list[Problem] = []
    if declared is None:
        problems.append(Problem(InvalidInput.code, _("There is no such public page."), field="page", value=page))
    elif days is not None and days > MOST_DAYS and (declared.receive is None or declared.submit is not None):
        text = _("This has to be at most {maximum}.")
        problems.append(Problem(InvalidInput.code, text, field="days", value=days, maximum=MOST_DAYS))
    if ref is not None and not _is_seen(session, ref):
        problems.append(Problem(InvalidInput.code, _("There is no such record."), field="ref", value=ref))
    if problems or declared is None:
        raise InvalidInput(problems)
    if customer_id is not None and session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no such record: {id}."), id=customer_id)
    # To the second: it is written into the link.
    expires_at = session.gate.clock.now().replace(microsecond=0) + timedelta(days=days or declared.expires)
    link = PublicLink(
        page=page,
        customer_id=customer_id,
        subject="" if customer_id is None else f"customer:{customer_id}",
        ref=ref,
        expires_at=expires_at,
        created_by=session.actor.id,
    )
    session.add(link)
    session.flush()
    return IssuedLink(link_id=link.id, page=page, path=path_of(session, link), expires_at=expires_at)


@operation("public_link.revoke", title=_("Revoke a public link"), effect="update", permission="public_link.create")
def revoke_link(session: CrmSession, link: PublicLink) -> PublicLink:
    """Let a link open nothing any more. Raises Conflict for one that is revoked already."""
    if link.revoked_at is not None:
        raise Conflict(_("The link is revoked already."))
    link.revoked_at = session.gate.clock.now()
    return link


def _is_seen(session: CrmSession, ref: str) -> bool:
    name, _colon, identity = ref.rpartition(":")
    resource = session.gate.registry.resources.get(name)
    try:
        return resource is not None and session.get(resource.model, UUID(identity)) is not None
    except ValueError:
        return False


def link_address(crm: CRM, link: IssuedLink) -> str:
    """Return the whole address of a link, as it is sent to somebody: below ``public_url`` of the settings. Without that
    setting it is a path."""
    return f"{(crm.settings.public_url or '').rstrip('/')}{link.path}"


def path_of(session: CrmSession, link: PublicLink) -> str:
    """Return the path of a link, below the address of the installation."""
    codes = session.crm.vault.codes(_PURPOSE)
    signature = codes.versions[codes.version](_bound(link))[:_SIGNATURE]
    token = link.id.bytes + int(link.expires_at.timestamp()).to_bytes(5, "big") + signature
    return f"{PREFIX}/{link.page}/{base64.urlsafe_b64encode(token).decode().rstrip('=')}"


def _bound(link: Any) -> bytes:
    """Return what a signature is made over; no part can be taken for another."""
    expiry = int(link.expires_at.timestamp())
    parts = (link.id.bytes, link.page.encode(), link.subject.encode(), (link.ref or "").encode(), b"%d" % expiry)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


# --- following -------------------------------------------------------------------------------------------------------


def open_link(crm: CRM, page: str, token: str, *, language: str = "en") -> OpenLink:
    """Return what a link leads to. Raises LinkClosed, always the same, for one that opens nothing."""
    declared = crm.registry.tables["public page"].get(page)
    owner = crm.registry.owners.get(("public page", page), "")
    row = row_of(crm, page, token)
    if (
        declared is None
        or (declared.once and row.used_at is not None)
        # A customer who was erased has left nothing that the link could be about.
        or (row.subject and row.customer_id is None)
    ):
        raise LinkClosed()
    visit = Visit(link_id=row.id, page=page, customer_id=row.customer_id, ref=row.ref, language=language)
    return OpenLink(page=declared, owner=owner, visit=visit, expires_at=row.expires_at)


def row_of(crm: CRM, page: str, token: str) -> Any:
    """Return the row of a link that leads to a page, is signed, holds and is not of a customer who is gone. Raises
    LinkClosed, always the same."""
    identity, expiry, signature = _parts(token)
    with crm.session(Actor.system("following a public link")) as session:
        row: Any = session.connection().execute(select(_LINK).where(_LINK.c.id == identity)).one_or_none()
        gone = (
            row is not None
            and row.customer_id is not None
            and session.scalar(select(Customer.deleted_at).where(Customer.id == row.customer_id)) is not None
        )
    bound = b"" if row is None else _bound(row)
    signed = any(same(code(bound)[:_SIGNATURE], signature) for code in crm.vault.codes(_PURPOSE).versions.values())
    now = crm.clock.now()
    if (
        row is None
        or not signed
        or gone
        or row.page != page
        or int(row.expires_at.timestamp()) != expiry
        or row.expires_at <= now
        or row.revoked_at is not None
    ):
        raise LinkClosed()
    return row


def _parts(token: str) -> tuple[UUID, int, bytes]:
    """Return the id, the expiry and the signature in a token. Raises LinkClosed for a text that is none, and for a
    second way to write one."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise LinkClosed() from error
    if len(raw) != _LENGTH or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise LinkClosed()
    return UUID(bytes=raw[:16]), int.from_bytes(raw[16:21], "big"), raw[21:]


def visitor(link: OpenLink, *, address: str | None = None) -> Actor:
    """Return the actor of who followed a link."""
    return Actor.visitor(
        customer_id=link.visit.customer_id,
        rights=link.page.rights,
        language=link.visit.language,
        address=address,
    )


def mark_used(session: CrmSession, link: OpenLink, form: str) -> bool:
    """Note in a writing session that a form was sent by a link, and say whether it is to be carried out: it is not when
    the very same form came before. Raises LinkClosed when the link was used, revoked or removed meanwhile."""
    fingerprint = hashlib.sha256(form.encode()).digest()[:16]
    with region(session, "sending a form by a public link"):
        query = select(_LINK).where(_LINK.c.id == link.visit.link_id).with_for_update()
        found: Any = session.connection().execute(query).first()
        if found is None or found.revoked_at is not None:
            raise LinkClosed()
        if found.last_form == fingerprint:
            return False
        if link.page.once and found.used_at is not None:
            raise LinkClosed()
        session.connection().execute(
            _LINK.update()
            .where(_LINK.c.id == link.visit.link_id)
            .values(used_at=session.gate.clock.now(), last_form=fingerprint)
        )
    return True


def trace(token: str) -> str:
    """Return what logs keep of a link: a part of its hash."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


# --- forms -----------------------------------------------------------------------------------------------------------

FORM_HOURS = 12


def form_token(crm: CRM, link: OpenLink, nonce: str) -> str:
    """Return what a form of a link carries along: it shows that the form was handed out for this link, and which of
    its forms it is."""
    hour = int(crm.clock.now().timestamp()) // 3600
    return f"{nonce}.{hour}.{_form_code(crm, link, nonce, hour)}"


def form_nonce(crm: CRM, link: OpenLink, text: str) -> str | None:
    """Return which form a token is of, or None for one that was not handed out for this link lately."""
    nonce, _dot, rest = text.partition(".")
    hour, _dot, code = rest.partition(".")
    if not (hour.isascii() and hour.isdigit() and len(hour) < 10):
        return None
    now = int(crm.clock.now().timestamp()) // 3600
    expected = _form_code(crm, link, nonce, int(hour))
    if not same(expected.encode(), code.encode("utf-8", "replace")):
        return None
    return nonce if 0 <= now - int(hour) <= FORM_HOURS else None


def _form_code(crm: CRM, link: OpenLink, nonce: str, hour: int) -> str:
    return crm.vault.mac("public form", f"{link.visit.link_id}\0{nonce}\0{hour}".encode("utf-8", "replace"))[:16].hex()


# --- upkeep ----------------------------------------------------------------------------------------------------------

KEPT_DAYS = 90


def sweep(session: CrmSession, tick: datetime) -> None:
    """Remove links that have been over for so long that nobody asks for them any more."""
    with region(session, "removing public links that are over"):
        session.connection().execute(
            delete(_LINK).where(_LINK.c.expires_at < tick.astimezone(UTC) - timedelta(days=KEPT_DAYS))
        )


OPERATIONS: list[Any] = [create_link, revoke_link]
