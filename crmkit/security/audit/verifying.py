"""Verifying the audit log: every record as it was signed, every link to the one before, nothing added, taken away,
moved or cut off. Needs the keys; must not know who asks, nor where checkpoints are kept.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from attrs import define, field, frozen

from crmkit.core.operations import audit_form
from crmkit.core.operations.audit_form import GENESIS, SIGNED, Mac, hash_of_payload, hash_of_subjects, link_bytes
from crmkit.security.audit.raw import Link, Log, Part

Kind = Literal[
    "altered",
    "gone",
    "added",
    "link",
    "gap",
    "subjects",
    "payload",
    "missed",
    "unchained",
    "truncated",
    "checkpoint",
]
"""What is wrong: the record's columns, the record itself is not there, a record that was never chained, the link's
columns, links are not there, the customers it is about, what was given, a writer's record before it was chained, a
record that should have been chained long ago, the end of the log, a checkpoint."""

LATE = timedelta(minutes=10)
"""After this time a record that is not chained yet is damage (PostgreSQL)."""
MOST = 10_000
"""Most damages that are listed one by one."""

_COUNTER = 6 + SIGNED.index("counter")
_WRITER = 6 + SIGNED.index("writer")
_KEY = 6 + SIGNED.index("key_version")
_SUBJECTS = 6 + SIGNED.index("subjects_hash")
_PAYLOAD = 6 + SIGNED.index("payload_hash")

Progress = Callable[[int, "int | None"], None]


@frozen(kw_only=True)
class Damage:
    """One thing that is not as it was written. ``seq`` is the place in the chain, ``audit_id`` the record; of a gap
    ``last`` is the place of the last link that is not there."""

    kind: Kind
    seq: int | None = None
    audit_id: UUID | None = None
    last: int | None = None


@frozen(kw_only=True)
class Start:
    """A place up to which the log is known to be good, and the code of its link."""

    seq: int = 0
    mac: bytes = GENESIS


@frozen(kw_only=True)
class Verification:
    """What verifying the log has found.

    ``records`` were looked at, from ``first`` to ``last``; ``waiting`` are signed and not chained yet; of ``erased``
    what was given is gone, as an erasure leaves it. ``checkpoints`` were compared.
    """

    records: int
    first: int
    last: int
    mac: bytes
    waiting: int
    erased: int
    checkpoints: int
    seconds: float
    damages: tuple[Damage, ...] = ()

    @property
    def intact(self) -> bool:
        """Say whether everything is as it was written."""
        return not self.damages


@define(eq=False)
class Verifier:
    """Goes through a log once. ``macs`` makes codes by the version of the key; ``checkpoints`` are the codes that links
    are known to have had, by place; ``deferred`` says whether records may wait to be chained."""

    log: Log
    macs: Mapping[int, Mac]
    checkpoints: Mapping[int, bytes]
    deferred: bool
    start: Start = Start()
    progress: Progress | None = None
    damages: list[Damage] = field(factory=list[Damage])
    _missed: list[Damage] = field(factory=list[Damage])
    _counters: dict[bytes, int] = field(factory=dict[bytes, int])
    _damaged: set[bytes] = field(factory=set[bytes])
    _records: int = 0
    _erased: int = 0
    _about: int = 0
    _given: int = 0

    def run(self) -> Verification:
        """Verify the log."""
        began = time.perf_counter()
        total = self.log.end()
        first = self.start.seq + 1
        seq, macs = self.start.seq, (self.start.mac,)
        if self.start.seq and self.log.mac_at(self.start.seq) != self.start.mac:
            self._note("link", seq=self.start.seq)
        for part in self.log.parts(seq):
            seq, macs = self._part(part, seq, macs)
            if self.progress is not None:
                self.progress(seq - self.start.seq, max(total - self.start.seq, 0))
        self._compare(seq)
        waiting = self._beside(seq)
        # What was deleted or altered leaves a hole in its writer's count as well: that is told once.
        found = self.damages or self._missed
        return Verification(
            records=self._records,
            first=first,
            last=seq,
            mac=macs[0],
            waiting=waiting,
            erased=self._erased,
            checkpoints=len(self.checkpoints),
            seconds=time.perf_counter() - began,
            damages=tuple(found[:MOST]),
        )

    # --- the chain ----------------------------------------------------------------------------------------------

    def _part(self, part: Part, seq: int, known: tuple[bytes, ...]) -> tuple[int, tuple[bytes, ...]]:
        """Verify some links; ``known`` is what the link before may be referred to by. Returns the same for the last."""
        macs, checkpoints, counters, pack = self.macs, self.checkpoints, self._counters, audit_form.signed_bytes
        about: dict[bytes, list[bytes]] = {}
        for record, customer in part.subjects:
            about.setdefault(record, []).append(customer)
        given = {record: (salt, sealed) for record, salt, sealed in part.payloads}
        self._about += len(part.subjects)
        self._given += len(given)
        unknown = None if self.start.seq else 0
        for row in part.links:
            audit_id = row[1]
            good = False
            # Almost every record is good: what is asked of it here is asked closely below where it is not.
            try:
                good = (
                    row[0] == seq + 1
                    and row[2] in known
                    and macs[row[4]](link_bytes(row[0], row[2], audit_id, row[5])) == row[3]
                    and macs[row[_KEY]](pack(row[6:])) == row[5]
                )
            except (KeyError, TypeError, struct.error):
                good = False
            kind: Kind | None = None
            if good:
                seq, known = row[0], (row[3],)
                self._records += 1
                before = counters.get(row[_WRITER], unknown)
                if before is not None and row[_COUNTER] != before + 1:
                    self._missed.append(Damage(kind="missed", seq=seq, audit_id=_uuid(audit_id)))
                counters[row[_WRITER]] = row[_COUNTER]
                kind = self._parts(row, about.get(audit_id), given.get(audit_id))
            else:
                kind, known = self._closely(row, seq, known)
                seq = row[0]
            if kind is not None:
                self._note(kind, seq=seq, audit_id=audit_id)
            elif seq in checkpoints and checkpoints[seq] != row[3]:
                self._note("checkpoint", seq=seq, audit_id=audit_id)
        return seq, known

    def _closely(self, row: Link, seq: int, known: tuple[bytes, ...]) -> tuple[Kind | None, tuple[bytes, ...]]:
        """Say what is wrong with a link or its record, and what the link behind it may refer to it by."""
        place, audit_id, previous, mac, version, row_mac = row[:6]
        if place != seq + 1:
            self._note("gap", seq=seq + 1, last=place - 1)
            known = (previous,)
        # The link is checked against what is stored of its record: an altered record does not break its link.
        code = self.macs.get(version)
        expected = None if code is None else self._expected(code, place, previous, audit_id, row_mac)
        linked = expected == mac and previous in known
        kind: Kind | None = None
        if row[6] is None:
            kind = "gone"
        else:
            self._records += 1
            record_code = self.macs.get(row[_KEY])
            if record_code is None or record_code(audit_form.signed_bytes(row[6:])) != row_mac:
                kind = "altered"
            elif not linked:
                kind = "link"
        # Of an altered link the one behind it may still know the right code.
        return kind, (mac,) if expected is None or linked else (mac, expected, *self._repaired(row, known))

    def _expected(self, code: Mac, place: int, previous: Any, audit_id: Any, row_mac: Any) -> bytes | None:
        if not (isinstance(previous, bytes) and isinstance(audit_id, bytes) and isinstance(row_mac, bytes)):
            return None
        return code(link_bytes(place, previous, audit_id, row_mac))

    def _repaired(self, row: Link, known: tuple[bytes, ...]) -> list[bytes]:
        """Return what the code of an altered link was, if it is only the one before it that is named wrongly."""
        code = self.macs.get(row[4])
        if code is None or row[5] is None:
            return []
        return [found for mac in known if (found := self._expected(code, row[0], mac, row[1], row[5])) is not None]

    def _parts(self, row: Link, about: list[bytes] | None, given: tuple[bytes, bytes] | None) -> Kind | None:
        """Verify whom an unaltered record is about and what was given, and count what is gone by an erasure."""
        if about is None:
            if row[_SUBJECTS] is not None:
                return "subjects"
        elif hash_of_subjects(about) != row[_SUBJECTS]:
            return "subjects"
        wanted = row[_PAYLOAD]
        if given is None:
            self._erased += wanted is not None
        elif wanted is None or hash_of_payload(*given) != wanted:
            return "payload"
        return None

    def _compare(self, last: int) -> None:
        """Compare the checkpoints that do not lie in the part that was gone through."""
        for seq, wanted in self.checkpoints.items():
            if seq <= self.start.seq:
                if self.log.mac_at(seq) != wanted:
                    self._note("checkpoint", seq=seq)
            elif seq > last:
                self._note("truncated", seq=last + 1, last=seq)
                return

    # --- what lies beside the chain -----------------------------------------------------------------------------

    def _beside(self, last: int) -> int:
        """Look for records and parts of records that nothing accounts for; return how many records wait."""
        gone = sum(damage.kind == "gone" for damage in self.damages)
        waiting = 0
        there = self.log.count("crm_audit")
        if there != (last if self.start.seq else self._records) or gone:
            waiting = self._unchained()
        if self.start.seq:
            if there - waiting < last and not self.damages:
                self._note("gone")
            return waiting
        for table, seen, kind in (
            ("crm_audit_subject", self._about, "subjects"),
            ("crm_audit_payload", self._given, "payload"),
        ):
            if self.log.count(table) != seen:
                for audit_id in self.log.orphans(table):
                    if audit_id not in self._damaged:
                        self._note("subjects" if kind == "subjects" else "payload", audit_id=audit_id)
        return waiting

    def _unchained(self) -> int:
        now = datetime.now(UTC)
        pending = self.log.pending()
        waiting = 0
        for row in self.log.unchained():
            row_mac, signed = row[0], row[1:]
            padded: Any = (0, signed[0], GENESIS, GENESIS, 0, row_mac, *signed)
            code = self.macs.get(padded[_KEY])
            about, given = self.log.parts_of(signed[0])
            self._about += len(about)
            self._given += len(given)
            if code is None or code(audit_form.signed_bytes(signed)) != row_mac or not self.deferred:
                self._note("added", audit_id=signed[0])
            elif (kind := self._parts(padded, about, given[0] if given else None)) is not None:
                self._note(kind, audit_id=signed[0])
            elif signed[0] not in pending or _instant(signed[1]) < now - LATE:
                self._note("unchained", audit_id=signed[0])
            else:
                waiting += 1
        return waiting

    def _note(self, kind: Kind, *, seq: int | None = None, audit_id: Any = None, last: int | None = None) -> None:
        if isinstance(audit_id, bytes):
            self._damaged.add(audit_id)
        if len(self.damages) <= MOST:
            self.damages.append(Damage(kind=kind, seq=seq, audit_id=_uuid(audit_id), last=last))


def _instant(value: bytes) -> datetime:
    return datetime.fromisoformat(value.decode()).replace(tzinfo=UTC)


def _uuid(value: Any) -> UUID | None:
    return UUID(bytes=value) if isinstance(value, bytes) and len(value) == 16 else None
