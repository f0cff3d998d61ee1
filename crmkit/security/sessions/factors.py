"""The second factor: codes of an authenticator (RFC 6238: six digits, half a minute) and codes that stand in for it.

Everything happens within an open transaction. Must not know sessions, nor what a right code opens.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection, delete, func, insert, select, update

from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import OpenItem
from crmkit.core.store.seals import seal_rows
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import same
from crmkit.errors import Conflict, InvalidInput, MissingExtra, NotFound, Problem
from crmkit.i18n import texts
from crmkit.security.credentials.codes import code_digest, new_code
from crmkit.security.sessions.ending import FACTORS, RECOVERY, end_factors
from crmkit.security.sessions.signed import FactorKind
from crmkit.security.sessions.tables import Factor

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

REASON = "the second factor of a user"
PERIOD = 30
"""Seconds that a code of an authenticator is good for."""
DRIFT = 1
"""How many periods an authenticator's clock may be ahead or behind."""
RECOVERY_CODES = 10
SECRET = 32
"""Signs of a secret: 160 bits in base 32, what RFC 4226 recommends."""
BEGUN_FOR = timedelta(minutes=15)
"""How long a factor that was begun can be confirmed."""


@frozen(kw_only=True)
class NewFactor:
    """A second factor that waits for its first code. ``secret`` is typed into an authenticator or ``uri`` scanned as
    the picture ``svg``; all three are shown to its user alone."""

    given_once = True

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)
    expires_at: datetime


@frozen(kw_only=True)
class RecoveryCodes:
    """New recovery codes, shown once; the ones before open nothing any more."""

    given_once = True

    codes: tuple[str, ...] = field(repr=False)


@frozen(kw_only=True)
class FactorState:
    """Since when a user has a second factor (UTC, None for none), and how many recovery codes are left."""

    confirmed_at: datetime | None
    codes_left: int

    @property
    def present(self) -> bool:
        """Say whether there is one that codes are asked of."""
        return self.confirmed_at is not None


def factor_state(connection: Connection, user_id: UUID) -> FactorState:
    """Return what a user has of a second factor."""
    confirmed = connection.scalar(select(FACTORS.c.confirmed_at).where(FACTORS.c.user_id == user_id))
    left = connection.scalar(
        select(func.count()).select_from(RECOVERY).where(RECOVERY.c.user_id == user_id, RECOVERY.c.used_at.is_(None))
    )
    return FactorState(confirmed_at=confirmed, codes_left=int(left or 0))


def begin_factor(session: CrmSession, user_id: UUID, login: str) -> NewFactor:
    """Make the secret of a second factor, which is asked for once its first code was given; one that was begun a few
    minutes ago is the one that is returned. Raises Conflict where there is a factor already."""
    now = session.gate.clock.now()
    with region(session, REASON):
        connection = session.connection()
        row = connection.execute(select(FACTORS).where(FACTORS.c.user_id == user_id)).one_or_none()
        if row is not None and row.confirmed_at is not None:
            raise Conflict(_("There is a second factor already."), fix=_("Remove it first."))
        if row is not None and row.created_at > now - BEGUN_FOR:
            return _shown(session.crm, _opened(session, row), login, row.created_at)
        connection.execute(delete(FACTORS).where(FACTORS.c.user_id == user_id))
        secret = _pyotp().random_base32(SECRET)
        values: dict[str, Any] = {"id": new_id(), "user_id": user_id, "secret": secret, "created_at": now}
        seal_rows(session, Factor, [values])
        connection.execute(insert(FACTORS).values(last_step=0, **values))
    return _shown(session.crm, secret, login, now)


def confirm_factor(session: CrmSession, user_id: UUID, code: str) -> RecoveryCodes:
    """Take the first code of a factor that was begun: from now on codes are asked for. Returns recovery codes.

    Raises NotFound where none was begun, InvalidInput for a code that is not right.
    """
    now = session.gate.clock.now()
    with region(session, REASON):
        connection = session.connection()
        row = connection.execute(
            select(FACTORS).where(
                FACTORS.c.user_id == user_id, FACTORS.c.confirmed_at.is_(None), FACTORS.c.created_at > now - BEGUN_FOR
            )
        ).one_or_none()
        if row is None:
            raise NotFound(_("No second factor is being set up, or it took too long."), fix=_("Begin again."))
        step = _step_of(_opened(session, row), code, now, row.last_step)
        if step is None:
            raise InvalidInput(
                [
                    Problem(
                        "CK500",
                        _("The code is not right."),
                        field="code",
                        hint=_("Type the six digits that the authenticator shows now; its clock has to be right."),
                    )
                ]
            )
        connection.execute(update(FACTORS).where(FACTORS.c.id == row.id).values(confirmed_at=now, last_step=step))
        return make_codes(session, user_id)


def make_codes(session: CrmSession, user_id: UUID) -> RecoveryCodes:
    """Make recovery codes anew. Raises NotFound where there is no second factor for which they could stand in."""
    now = session.gate.clock.now()
    with region(session, REASON):
        connection = session.connection()
        if not factor_state(connection, user_id).present:
            raise NotFound(_("There is no second factor."), fix=_("Set one up first."))
        connection.execute(delete(RECOVERY).where(RECOVERY.c.user_id == user_id))
        codes = tuple(new_code() for _number in range(RECOVERY_CODES))
        connection.execute(
            insert(RECOVERY),
            [{"id": new_id(), "user_id": user_id, "hash": code_digest(code), "created_at": now} for code in codes],
        )
    return RecoveryCodes(codes=codes)


def remove_factor(session: CrmSession, user_id: UUID) -> None:
    """Take a user's second factor and recovery codes away. Raises NotFound where there is none."""
    if not end_factors(session, user_id):
        raise NotFound(_("There is no second factor."))


def use_code(session: CrmSession, user_id: UUID, code: str) -> FactorKind | None:
    """Return as what a code is right, and use it up; None for one that is wrong or was used before. Attempts are to be
    counted by the caller."""
    now = session.gate.clock.now()
    with region(session, REASON):
        connection = session.connection()
        row = connection.execute(
            select(FACTORS).where(FACTORS.c.user_id == user_id, FACTORS.c.confirmed_at.is_not(None))
        ).one_or_none()
        if row is None:
            return None
        step = _step_of(_opened(session, row), code, now, row.last_step)
        if step is not None:
            # Two that give the same code at once: the second one finds that it was taken.
            used = connection.execute(
                update(FACTORS).where(FACTORS.c.id == row.id, FACTORS.c.last_step < step).values(last_step=step)
            )
            return "totp" if used.rowcount == 1 else None
        wanted = code_digest(code)
        if wanted is None:
            return None
        found = connection.execute(
            update(RECOVERY)
            .where(RECOVERY.c.user_id == user_id, RECOVERY.c.hash == wanted, RECOVERY.c.used_at.is_(None))
            .values(used_at=now)
        )
        return "recovery" if found.rowcount == 1 else None


def _step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """Return the period whose code this is, one later than ``after``, or None."""
    digits = re.sub(r"[\s\-]", "", code[:20])
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    maker = _pyotp().TOTP(secret, interval=PERIOD)
    present = int(now.timestamp()) // PERIOD
    found: int | None = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if same(maker.generate_otp(step).encode(), digits.encode()) and step > after:
            found = step
    return found


def _opened(session: CrmSession, row: Any) -> str:
    item = OpenItem(table=FACTORS.name, field="secret", record=row.id, sealed=bytes(row.secret))
    return bytes(session.crm.vault.open_many(session, [item])[0]).decode()


def _shown(crm: CRM, secret: str, login: str, begun: datetime) -> NewFactor:
    try:
        import segno
    except ImportError as error:
        raise _missing(error) from error
    issuer = re.sub(r"[:\s]+", " ", crm.business().name or "crmkit").strip()
    uri = str(_pyotp().TOTP(secret, interval=PERIOD).provisioning_uri(name=login, issuer_name=issuer))
    picture = segno.make(uri, error="m", micro=False).svg_inline(
        border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return NewFactor(secret=secret, uri=uri, svg=str(picture), expires_at=begun + BEGUN_FOR)


def _pyotp() -> Any:
    try:
        import pyotp
    except ImportError as error:
        raise _missing(error) from error
    return pyotp


def _missing(error: ImportError) -> MissingExtra:
    return MissingExtra(
        _("A library for second factors is not installed ({name})."), fix=_("Install crmkit[web]."), name=error.name
    )
