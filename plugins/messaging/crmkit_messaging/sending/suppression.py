"""Addresses that get nothing any more: suppressing, asking, and lifting a suppression.

An address is known by codes that are made of it with the installation's keys; it is kept nowhere. Must not know why a
message is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import ContactPoint, CrmSession, InvalidInput, Problem, texts
from crmkit_messaging.sending.models import Suppression
from crmkit_messaging.sending.words import KINDS, OF_ADDRESS, SUPPRESSIONS

_ = texts("crmkit_messaging")

PURPOSE = "messaging suppression"
"""What the codes of addresses are made for."""
POINTS = f"{ContactPoint.__tablename__}.value"
"""The index by which contact points are found."""


def suppress(
    session: CrmSession,
    kind: str,
    address: str,
    reason: str,
    source: str | None = None,
    customer_id: UUID | None = None,
) -> Suppression:
    """Suppress an address from now on, inside an operation; return what says so.

    ``kind`` is that of its contact point (email, phone, social, address), ``reason`` one of `SUPPRESSIONS`, ``source``
    what brought it about. Where it is suppressed already, a reason that is about the person takes the place of one that
    is about the address; any other stays as it is. Raises InvalidInput for what is no address of its kind, and for an
    unknown reason.
    """
    form = form_of(kind, address)
    if reason not in SUPPRESSIONS:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such reason."), field="reason", value=reason)])
    found = session.scalar(select(Suppression).where(Suppression.code.in_(codes_of(session, form))))
    if found is not None:
        if found.reason in OF_ADDRESS and reason not in OF_ADDRESS:
            found.reason, found.source = reason, source
        if found.customer_id is None and customer_id is not None:
            found.customer_id = customer_id
        return found
    made = Suppression(
        kind=kind,
        code=code_of(session, form),
        point_token=session.crm.vault.token(POINTS, form),
        reason=reason,
        source=source,
        customer_id=customer_id,
    )
    session.add(made)
    session.flush()
    return made


def is_suppressed(session: CrmSession, kind: str, address: str) -> bool:
    """Say whether an address is suppressed; what is no address of its kind is not."""
    return suppression_of(session, kind, address) is not None


def suppression_of(session: CrmSession, kind: str, address: str) -> Suppression | None:
    """Return what says that an address is suppressed, or None."""
    try:
        form = form_of(kind, address)
    except InvalidInput:
        return None
    return session.scalar(select(Suppression).where(Suppression.code.in_(codes_of(session, form))))


def lift(session: CrmSession, kind: str, address: str) -> bool:
    """Let an address get messages again, inside an operation; say whether it was suppressed."""
    found = suppression_of(session, kind, address)
    if found is None:
        return False
    session.delete(found)
    session.flush()
    return True


def suppressed_points(session: CrmSession, points: Iterable[ContactPoint]) -> Mapping[UUID, str]:
    """Return for those of some contact points whose address is suppressed the reason.

    Who may not read their values finds what is suppressed by its token alone.
    """
    by_code: dict[bytes, list[UUID]] = {}
    by_token: dict[bytes, list[UUID]] = {}
    for point in points:
        token = _token_of(point)
        if token is not None:
            by_token.setdefault(token, []).append(point.id)
        form = _form_of_point(point)
        for code in () if form is None else codes_of(session, form):
            by_code.setdefault(code, []).append(point.id)
    found: dict[UUID, str] = {}
    for part in _parts([*by_code]):
        for row in session.scalars(select(Suppression).where(Suppression.code.in_(part))):
            found.update(dict.fromkeys(by_code[row.code], row.reason))
    for part in _parts([*by_token]):
        for row in session.scalars(select(Suppression).where(Suppression.point_token.in_(part))):
            found.update(dict.fromkeys(by_token[row.point_token or b""], row.reason))
    return found


def suppressions_of(session: CrmSession, customer_id: UUID) -> Sequence[Suppression]:
    """Return the suppressions that came about through a customer, or of addresses that it has."""
    tokens = [
        token
        for point in session.scalars(select(ContactPoint).where(ContactPoint.customer_id == customer_id))
        if (token := _token_of(point)) is not None
    ]
    return session.scalars(
        select(Suppression)
        .where(or_(Suppression.customer_id == customer_id, Suppression.point_token.in_(tokens)))
        .order_by(Suppression.created_at, Suppression.id)
    ).all()


def form_of(kind: str, address: str) -> str:
    """Return what equal addresses have in common. Raises InvalidInput for what is no address of its kind."""
    form = None
    if kind in KINDS and isinstance(address, str):
        form = ContactPoint.match_form_of("value", address.strip(), {"kind": kind, "details": {}})
    if form is None:
        raise InvalidInput([Problem(InvalidInput.code, _("This is not an address of this kind."), field="address")])
    return form


def code_of(session: CrmSession, form: str) -> bytes:
    """Return the code that an address is suppressed under."""
    codes = session.crm.vault.codes(PURPOSE)
    made: bytes = codes.versions[codes.version](form.encode())
    return made


def codes_of(session: CrmSession, form: str) -> list[bytes]:
    """Return the codes that an address may have been suppressed under: one for each version of the key."""
    return [make(form.encode()) for make in session.crm.vault.codes(PURPOSE).versions.values()]


def _form_of_point(point: ContactPoint) -> str | None:
    value: Any = point.value
    if type(value) is not str:  # what the reader may not see comes as a text of another class
        return None
    details: Any = point.details
    known = dict(details) if type(details) is dict else {}
    return ContactPoint.match_form_of("value", value, {"kind": point.kind, "details": known})


def _token_of(point: ContactPoint) -> bytes | None:
    found: bytes | None = getattr(point, "value_token", None)
    return found


def _parts(items: Sequence[bytes], size: int = 1000) -> Iterable[Collection[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))
