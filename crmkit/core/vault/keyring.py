"""The vault of one CRM: seals and opens values under their subjects' keys, makes blind tokens, signs.

It works on many values at once and keeps keys, never values. Must not know who may see what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from crmkit.core.store.engine import Engines
from crmkit.core.store.guard.regions import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import OpenItem, SealItem, own_key
from crmkit.core.vault import envelope
from crmkit.core.vault.cache import KeyCache, OpenKey
from crmkit.core.vault.known import WHY, KnownKeys
from crmkit.core.vault.rows import CHUNK, KeyRow, add_keys, data_keys, keys_named, keys_of
from crmkit.core.vault.state import State, data_context, read_state, root_keys
from crmkit.errors import CrmkitError, Erased, KeyMissing, SealBroken
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.core.vault.providers import Providers

_ = texts("crmkit")


class Vault(KnownKeys):
    """Everything that needs a key. One for each CRM, ready at its first use; it may be used from several threads.

    Whatever it does raises KeyMissing, KeyUnsafe or WrongKey when the root keys cannot be used, and NotInitialised for
    a database that has no keys yet.
    """

    def __init__(self, engines: Engines, providers: Callable[[], Providers]) -> None:
        super().__init__(engines, providers)
        self._cache = KeyCache()
        self._places: dict[tuple[str, str], bytes] = {}

    def _drop(self) -> None:
        super()._drop()
        self._cache.clear()
        self._places.clear()

    # --- sealing and opening --------------------------------------------------------------------------------------

    def seal_many(self, session: CrmSession, items: Sequence[SealItem]) -> list[bytes]:
        """Return the envelopes of values. Subjects that have no key yet get one, in the session's transaction.

        The place of a value (table, field, record) is bound to it. A None subject stands for the table itself.
        """
        if not items:
            return []
        state = self.state(session)
        subjects = [item.subject or own_key(item.table) for item in items]
        keys = self._sealing_keys(session, state, set(subjects))
        places, instance = self._places, state.instance
        sealed: list[bytes] = []
        for item, subject, nonce in zip(items, subjects, envelope.nonces(len(items)), strict=True):
            key = keys[subject]
            where = places.get((item.table, item.field))
            if where is None:
                where = places[item.table, item.field] = envelope.place(instance, item.table, item.field)
            front = key.front
            # As in `envelope.seal`, without the call: this is the innermost loop of an import.
            sealed.append(
                front + nonce + key.cipher.encrypt(nonce, item.value, front + where + item.record.bytes)
            )  # fmt: skip
        return sealed

    def open_many(self, session: CrmSession, items: Sequence[OpenItem]) -> list[bytes]:
        """Return the values of envelopes. Raises Erased when a key was destroyed, SealBroken when an envelope was
        altered or belongs to another place; both name the table, the field and the record."""
        found = self.open_each(session, items)
        for value in found:
            if isinstance(value, CrmkitError):
                raise value
        return cast("list[bytes]", found)

    def open_each(self, session: CrmSession, items: Sequence[OpenItem]) -> list[bytes | CrmkitError]:
        """Return for each envelope its value, or the error that `open_many` would raise for it."""
        if not items:
            return []
        state = self.state(session)
        ids: list[bytes] = [item.sealed[2:18] for item in items]
        keys = self._opening_keys(session, state, set(ids))
        places, instance = self._places, state.instance
        opened: list[bytes | CrmkitError] = []
        for item, key_id in zip(items, ids, strict=True):
            where = places.get((item.table, item.field))
            if where is None:
                where = places[item.table, item.field] = envelope.place(instance, item.table, item.field)
            try:
                envelope.key_id(item.sealed)
                key = keys.get(key_id)
                if key is None:
                    raise Erased()
                opened.append(envelope.unseal(key.cipher, where + item.record.bytes, item.sealed))
            except (SealBroken, Erased) as error:
                opened.append(_of_item(error, item))
        return opened

    def holds(self, key_id: bytes) -> bool:
        """Say whether a data key is in memory."""
        return key_id in self._cache.get([key_id])

    def prefetch(self, session: CrmSession, key_ids: Iterable[bytes]) -> None:
        """Fetch data keys by the 16 bytes that name them, in one query, so that opening needs none."""
        self._opening_keys(session, self.state(session), set(key_ids))

    def encrypt_bytes(self, session: CrmSession, subject: UUID | None, label: str, data: bytes) -> bytes:
        """Return the content of a file sealed under a key made of its subject's for files alone; ``label`` says which
        file, and is bound to it. None stands for files about nobody."""
        state = self.state(session)
        wanted = subject or own_key("files")
        key = self._sealing_keys(session, state, {wanted})[wanted]
        where = envelope.framed(state.instance.bytes, b"file", label.encode())
        return envelope.seal(key.part(b"crmkit file"), key.front, envelope.nonces(1)[0], where, data)

    def decrypt_bytes(self, session: CrmSession, subject: UUID | None, label: str, data: bytes) -> bytes:
        """Return the content of a file. The envelope names its key, whoever the subject is now. Raises Erased and
        SealBroken."""
        state = self.state(session)
        key_id = envelope.key_id(data)
        key = self._opening_keys(session, state, {key_id}).get(key_id)
        if key is None:
            raise Erased()
        where = envelope.framed(state.instance.bytes, b"file", label.encode())
        return envelope.unseal(key.part(b"crmkit file"), where, data)

    # --- data keys -------------------------------------------------------------------------------------------------

    def _sealing_keys(self, session: CrmSession, state: State, subjects: Collection[UUID]) -> dict[UUID, OpenKey]:
        """Return each subject's newest key as it is in the database now: a key in memory may have been destroyed."""
        with region(connection := session.connection(), WHY):
            return self._found_or_made(session, connection, state, subjects)

    def _found_or_made(
        self, session: CrmSession, connection: Connection, state: State, subjects: Collection[UUID]
    ) -> dict[UUID, OpenKey]:
        newest: dict[bytes, KeyRow] = {}
        # Whoever would destroy a key waits until what is sealed under it now is in the database, and then finds it.
        for row in keys_of(connection, subjects, hold=session.mode.value == "write"):
            if row.origin != row.subject:
                # Taken over from another subject, it may go back to it: nothing new is sealed under it.
                continue
            before = newest.get(row.subject)
            if before is None or before.id < row.id:
                newest[row.subject] = row
        opened = self._unwrapped(session, state, list(newest.values()))
        keys = {subject: opened[newest[subject.bytes].id] for subject in subjects if subject.bytes in newest}
        missing = [subject for subject in subjects if subject not in keys]
        if missing:
            keys.update(self._new_keys(session, connection, state, missing))
        return keys

    def _new_keys(
        self, session: CrmSession, connection: Connection, state: State, subjects: Sequence[UUID]
    ) -> dict[UUID, OpenKey]:
        root = self._root_in_use(connection, state)
        ids = [new_id().bytes for _subject in subjects]
        raws = [envelope.new_key() for _subject in subjects]
        pairs = list(zip(ids, subjects, raws, strict=True))
        wrapped = self.providers.of(root.provider).wrap(
            root.name, [(raw, data_context(key_id, subject.bytes, root.id)) for key_id, subject, raw in pairs]
        )
        add_keys(connection, root.id, list(zip(ids, subjects, wrapped, strict=True)))
        # They are not put into the cache: the transaction may yet be undone.
        return {subject: OpenKey(key_id, raw) for key_id, subject, raw in pairs}

    def _root_in_use(self, connection: Connection, state: State) -> Any:
        """Return the active root key, held so that it cannot be retired before this transaction has ended."""
        query = select(root_keys.c.id, root_keys.c.provider, root_keys.c.name).where(root_keys.c.state == "active")
        if connection.dialect.name == "postgresql":
            query = query.with_for_update(read=True)
        for _attempt in range(3):
            row = connection.execute(query).one_or_none()
            if row is not None:
                return row
            # Another root key was promoted while this waited for the row: the next statement sees it.
        raise KeyMissing(_("The database names no root key that is in use."))

    def _opening_keys(self, session: CrmSession, state: State, wanted: Collection[bytes]) -> dict[bytes, OpenKey]:
        found = self._cache.get(wanted)
        missing = [key_id for key_id in wanted if key_id not in found and len(key_id) == 16]
        if missing:
            with region(connection := session.connection(), WHY):
                found.update(self._unwrapped(session, state, list(keys_named(connection, missing))))
        return found

    def _unwrapped(self, session: CrmSession, state: State, rows: Sequence[KeyRow]) -> dict[bytes, OpenKey]:
        """Return rows of keys ready for use, by their ids; those that are in memory already are not unwrapped again."""
        during = self._cache.round
        found = self._cache.get([row.id for row in rows])
        by_root: dict[int, list[KeyRow]] = {}
        for row in rows:
            if row.id not in found:
                by_root.setdefault(row.root, []).append(row)
        fresh: dict[bytes, OpenKey] = {}
        for root_id, group in by_root.items():
            root = state.roots.get(root_id)
            if root is None:
                # Made by another process since the keys were read.
                state = read_state(session.connection(), self.providers)
                root = state.roots.get(root_id)
            if root is None:
                raise KeyMissing(
                    _("The database does not know root key {id}, which a key is wrapped under."), id=root_id
                )
            raws = self.providers.of(root.provider).unwrap(
                root.name, [(row.wrapped, data_context(row.id, row.origin, root_id)) for row in group]
            )
            for row, raw in zip(group, raws, strict=True):
                fresh[row.id] = OpenKey(row.id, raw)
        self._cache.put(fresh, during)
        return {**found, **fresh}

    def renew(self, session: CrmSession, subject: UUID) -> list[bytes]:
        """Give a subject a new key, which seals from now on, and return the 16 bytes that name the earlier ones."""
        state = self.state(session)
        with region(connection := session.connection(), WHY):
            earlier = [row.id for row in keys_of(connection, [subject], hold=True)]
            self._new_keys(session, connection, state, [subject])
        return earlier

    def destroy(self, session: CrmSession, subjects: Collection[UUID]) -> int:
        """Destroy the keys of subjects, in the session's transaction, and return how many there were: what is sealed
        under them can never be opened again. What is sealed for them later gets a new key."""
        with region(connection := session.connection(), WHY):
            gone = sum(
                connection.execute(delete(data_keys).where(data_keys.c.subject_id.in_(chunk))).rowcount
                for chunk in _chunks(subjects)
            )
        self.changed(session)
        return gone

    def move(self, session: CrmSession, subject: UUID, to: UUID) -> int:
        """Give the keys of one subject to another, for a merge, and return how many there were. Nothing is sealed
        anew."""
        with region(connection := session.connection(), WHY):
            return connection.execute(
                update(data_keys).where(data_keys.c.subject_id == subject).values(subject_id=to)
            ).rowcount


def _of_item(error: CrmkitError, item: OpenItem) -> CrmkitError:
    """Return an error that says which value it is about, and nothing of the value."""
    if isinstance(error, Erased):
        text = _("{table}.{field} of {id} was erased: the key it was sealed under is destroyed.")
        return Erased(text, table=item.table, field=item.field, id=item.record)
    return SealBroken(
        _("{table}.{field} of {id} was altered, cut off, or copied from elsewhere."),
        fix=_("Restore it from a backup; crmkit doctor looks for more."),
        table=item.table,
        field=item.field,
        id=item.record,
    )


def _chunks(ids: Collection[UUID]) -> Iterable[Sequence[UUID]]:
    listed = list(ids)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
