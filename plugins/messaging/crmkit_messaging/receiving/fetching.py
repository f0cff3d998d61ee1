"""Fetching mail: jobs that read mailboxes, one for each, and take in what is new.

No transaction is open while a server is talked to. A mail and the place up to which its mailbox was read are kept
together; whatever is killed in between is done again and finds what is there already.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Annotated, Any

from attrs import evolve
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from crmkit import CRM, Actor, CrmkitError, CrmSession, Input, Job, operation, texts
from crmkit_messaging.receiving.imap import Folder, ImapError, open_folder
from crmkit_messaging.receiving.mailboxes import Account, account_of, our_addresses, readable_mailboxes
from crmkit_messaging.receiving.models import MailboxPlace, StuckMail
from crmkit_messaging.receiving.parsing import parse_mail
from crmkit_messaging.receiving.storing import Arrival, IncomingMail

_ = texts("crmkit_messaging")
_log = logging.getLogger("crmkit.messaging")

FETCH = "messaging.fetch_mailbox"
TURN = 45.0
"""Seconds after which a job makes room for others; the next tick goes on."""
AT_ONCE = 8
"""Mailboxes that are read at the same time."""
SEEN = timedelta(minutes=30)
"""After so long it is noted that a mailbox was read to its end, even where nothing was new."""
ATTEMPTS = 5
"""So often a mail is tried that cannot be taken in."""
INBOUND = evolve(
    Actor.plugin("messaging"),
    limits=(
        "*.read",
        "messaging.mail.receive",
        "interaction.create",
        "attachment.create",
        "customer.create",
    ),
)
"""Who takes mail in: reads what is needed to find out whose it is, and may add, never change."""

Name = Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")]
Number = Annotated[int, Input(minimum=0, classified="internal")]


def receive_mail(crm: CRM, raw: bytes, mailbox: str) -> Arrival:
    """Take a mail in that came into a mailbox, once however often it comes.

    Raises NotFound for a mailbox that there is not; what it raises otherwise may be over when it is tried again.
    """
    with crm.session(INBOUND) as session:
        ours = our_addresses(session)
    mail = parse_mail(raw, now=crm.clock.now(), ours=ours)
    with crm.transaction(INBOUND) as session:
        incoming: Any = IncomingMail(mailbox=mailbox, mail=mail)
        found: Arrival = session.run("messaging.mail.receive", incoming)
    return found


# --- places -----------------------------------------------------------------------------------------------------------


@operation("messaging.place.note", title=_("Note how far a mailbox was read"), permission="messaging.mail.receive",
           effect="update", hidden=True)  # fmt: skip
def note_place(
    session: CrmSession,
    *,
    mailbox: Name,
    folder: Annotated[str, Input(max_length=200, classified="internal")],
    uid_validity: Number,
    last_uid: Number = 0,
    error: Annotated[str, Input(max_length=300, classified="internal")] = "",
    ended: Annotated[bool, Input(classified="internal")] = False,
) -> None:
    """Note up to which UID a mailbox was read (never back, while its UIDs hold), that it was read to the end, or why it
    cannot be read."""
    query = select(MailboxPlace).where(MailboxPlace.mailbox == mailbox, MailboxPlace.folder == folder)
    place = session.scalar(query.with_for_update())
    if place is None:
        place = MailboxPlace(mailbox=mailbox, folder=folder, uid_validity=uid_validity, last_uid=0, failures=0)
        session.add(place)
    now = session.gate.clock.now()
    if error:
        place.failures += 1
        place.failing_since = place.failing_since or now
        place.error = error
        return
    if place.uid_validity != uid_validity:
        place.uid_validity, place.last_uid = uid_validity, 0
    place.last_uid = max(place.last_uid, last_uid)
    if ended:
        place.fetched_at, place.failing_since, place.failures, place.error = now, None, 0, None


@operation("messaging.stuck.note", title=_("Note a mail that is stuck"), permission="messaging.mail.receive",
           effect="update", hidden=True)  # fmt: skip
def note_stuck(
    session: CrmSession,
    *,
    mailbox: Name,
    folder: Annotated[str, Input(max_length=200, classified="internal")],
    uid_validity: Number,
    uid: Number,
    error: Annotated[str, Input(max_length=300, classified="internal")] = "",
) -> None:
    """Note that a mail could not be taken in, or, without an error, that it is settled."""
    found = session.scalar(
        select(StuckMail).where(
            StuckMail.mailbox == mailbox,
            StuckMail.folder == folder,
            StuckMail.uid_validity == uid_validity,
            StuckMail.uid == uid,
        )
    )
    if found is None:
        if not error:
            return
        found = StuckMail(mailbox=mailbox, folder=folder, uid_validity=uid_validity, uid=uid, attempts=0)
        session.add(found)
    if error:
        found.attempts += 1
        found.error = error
    found.state = "open" if error else "done"


@operation("messaging.stuck.retry", title=_("Try again"), permission="messaging.mailbox.manage", effect="update")
def retry_stuck(session: CrmSession, stuck: StuckMail) -> StuckMail:
    """Have a mail that could not be taken in tried again."""
    stuck.state, stuck.attempts = "open", 0
    session.defer(FETCH, mailbox=stuck.mailbox, unique=f"{FETCH}:{stuck.mailbox}")
    return stuck


@operation("messaging.stuck.drop", title=_("Leave it on the server"), permission="messaging.mailbox.manage",
           effect="update")  # fmt: skip
def drop_stuck(session: CrmSession, stuck: StuckMail) -> StuckMail:
    """Let a mail be that could not be taken in: it stays on its server."""
    stuck.state = "done"
    return stuck


# --- jobs -------------------------------------------------------------------------------------------------------------


@operation("messaging.mailbox.fetch", title=_("Fetch the mail"), permission="messaging.mailbox.fetch", effect="update")
def fetch(session: CrmSession) -> int:
    """Have every mailbox read that is read by IMAP, soon; return how many there are. Each is read by a job of its own:
    a slow server keeps no other waiting."""
    names = readable_mailboxes(session)
    for name in names:
        session.defer(FETCH, mailbox=name, unique=f"{FETCH}:{name}")
    return len(names)


def fetch_all(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Read every mailbox that is read by IMAP, several at a time: a slow server keeps no other waiting. One whose mail
    cannot be written now costs itself alone; the next tick goes on with it."""
    with crm.session(actor) as session:
        names = readable_mailboxes(session)
    if not names:
        return
    with ThreadPoolExecutor(max_workers=min(len(names), AT_ONCE), thread_name_prefix="crmkit-fetch") as pool:
        reading = [pool.submit(fetch_mailbox, crm, actor, name) for name in names]
    for each in reading:
        each.result()


def fetch_mailbox(crm: CRM, actor: Actor, mailbox: str) -> None:
    """Read what is new in a mailbox, and take it in. What goes wrong on its server is kept with its place."""
    with crm.session(actor) as session:
        account = account_of(session, mailbox)
    if account is None:
        return
    try:
        with open_folder(account) as folder:
            _read(crm, account, folder)
    except (ImapError, CrmkitError) as error:
        said = str(error) if isinstance(error, ImapError) else error.render("en")
        _log.warning("mailbox %s: %s", mailbox, said)
        place = _place(crm, account)
        if place is None or place.error != said[:300] or place.updated_at < crm.clock.now() - SEEN:
            _note_place(crm, account, 0 if place is None else place.uid_validity, error=said[:300])


def _read(crm: CRM, account: Account, folder: Folder) -> None:
    until = time.monotonic() + TURN
    place = _place(crm, account)
    validity, last = (0, 0) if place is None else (place.uid_validity, place.last_uid)
    if validity != folder.uid_validity:
        last = 0
        _note_place(crm, account, folder.uid_validity)
    for uid in _stuck(crm, account, folder.uid_validity):
        if _take(crm, account, folder, uid):
            crm.run(INBOUND, "messaging.stuck.note", _stuck_mail(account, folder, uid))
    for uid in folder.uids_after(last, account.since):
        _take(crm, account, folder, uid)
        _note_place(crm, account, folder.uid_validity, last_uid=uid)
        if time.monotonic() > until:
            return
    # Every note is a line of the audit log: what was known before is not noted each minute.
    now = crm.clock.now()
    if place is None or place.error or place.fetched_at is None or place.fetched_at < now - SEEN:
        _note_place(crm, account, folder.uid_validity, ended=True)


def _take(crm: CRM, account: Account, folder: Folder, uid: int) -> bool:
    """Take one mail in; say whether that is settled. One that cannot be taken in is noted and stops no other; where the
    database cannot be written, nothing is noted and everything is done again later."""
    fetched = folder.fetch(uid)
    if fetched is None:
        return True
    try:
        receive_mail(crm, fetched.raw, account.mailbox)
    except DBAPIError:
        raise
    except Exception as error:
        said = error.code if isinstance(error, CrmkitError) else type(error).__name__
        _log.warning("mailbox %s: mail %d cannot be taken in (%s)", account.mailbox, uid, said)
        crm.run(INBOUND, "messaging.stuck.note", {**_stuck_mail(account, folder, uid), "error": said})
        return False
    return True


def _stuck_mail(account: Account, folder: Folder, uid: int) -> dict[str, Any]:
    """Return what names a mail on its server."""
    return {
        "mailbox": account.mailbox,
        "folder": account.folder,
        "uid_validity": folder.uid_validity,
        "uid": uid,
    }


def _place(crm: CRM, account: Account) -> MailboxPlace | None:
    with crm.session(INBOUND) as session:
        return session.scalar(
            select(MailboxPlace).where(MailboxPlace.mailbox == account.mailbox, MailboxPlace.folder == account.folder)
        )


def _stuck(crm: CRM, account: Account, validity: int) -> list[int]:
    with crm.session(INBOUND) as session:
        return list(
            session.scalars(
                select(StuckMail.uid)
                .where(
                    StuckMail.mailbox == account.mailbox,
                    StuckMail.folder == account.folder,
                    StuckMail.uid_validity == validity,
                    StuckMail.state == "open",
                    StuckMail.attempts < ATTEMPTS,
                )
                .order_by(StuckMail.uid)
                .limit(20)
            )
        )


def _note_place(crm: CRM, account: Account, validity: int, **values: Any) -> None:
    given = {"mailbox": account.mailbox, "folder": account.folder, "uid_validity": validity, **values}
    crm.run(INBOUND, "messaging.place.note", given)


OPERATIONS = [note_place, note_stuck, retry_stuck, drop_stuck, fetch]
JOBS = [
    Job(
        name="messaging.fetch",
        title=_("Read the mailboxes"),
        handler=fetch_all,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=3,
        lease=180,
    ),
    Job(
        name=FETCH,
        title=_("Read a mailbox"),
        handler=fetch_mailbox,
        acts_as="system",
        apart=True,
        attempts=3,
        lease=120,
    ),
]
