"""What a vault knows of its database: the installation's id, its root keys and its purpose keys, as of one generation.

Read whole, and again when the generation "keys" has changed. Must not know data keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection, select

from crmkit.core.store.tables import Generation
from crmkit.core.vault.envelope import framed
from crmkit.core.vault.tables import Installation, PurposeKey, RootKey
from crmkit.errors import KeyMissing, NotInitialised, WrongKey
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.vault.providers import Providers

_ = texts("crmkit")

GENERATION = "keys"
PROOF = b"crmkit root key"
INDEX = "index"
"""Purpose key that blind tokens are made with; the only one whose versions change."""
SIGN = "sign"
GENERAL = "general"
PURPOSES = (INDEX, SIGN, GENERAL)

installations: Any = cast(Any, Installation).__table__
root_keys: Any = cast(Any, RootKey).__table__
purpose_keys: Any = cast(Any, PurposeKey).__table__
generations: Any = cast(Any, Generation).__table__


def proof_context(instance: UUID, root: int) -> bytes:
    """Return what a root key's proof is bound to."""
    return framed(b"crmkit proof", instance.bytes, str(root).encode())


def purpose_context(instance: UUID, name: str, version: int, root: int) -> bytes:
    """Return what a wrapped purpose key is bound to."""
    return framed(b"crmkit purpose", instance.bytes, name.encode(), str(version).encode(), str(root).encode())


def data_context(key_id: bytes, origin: bytes, root: int) -> bytes:
    """Return what a wrapped data key is bound to: its id, who it was made for and its root key; not whose it is now."""
    return b"crmkit data key" + key_id + origin + root.to_bytes(4, "big")


@frozen(kw_only=True)
class Root:
    """A root key that the database knows."""

    id: int
    provider: str
    name: str
    state: str
    proof: bytes = field(repr=False)


@frozen(kw_only=True)
class Purpose:
    """A version of a purpose key, unwrapped."""

    version: int
    state: str
    key: bytes = field(repr=False)


@frozen(kw_only=True)
class State:
    """What the database says of its keys."""

    instance: UUID
    generation: int
    roots: Mapping[int, Root]
    purposes: Mapping[str, Sequence[Purpose]]
    """The versions of each purpose key that are not retired, newest first."""

    @property
    def active(self) -> Root:
        """Return the root key that new keys are wrapped under. Raises KeyMissing when there is none."""
        for root in self.roots.values():
            if root.state == "active":
                return root
        raise KeyMissing(_("The database names no root key that is in use."))

    def current(self, name: str) -> Purpose:
        """Return the version of a purpose key that is in use. Raises KeyMissing."""
        for purpose in self.purposes.get(name, ()):
            if purpose.state == "active":
                return purpose
        raise KeyMissing(_('The key for "{name}" is missing from the database.'), name=name)


def generation_of(connection: Connection) -> int:
    """Return the generation of the keys."""
    found = connection.execute(select(generations.c.value).where(generations.c.name == GENERATION)).scalar()
    return int(found or 0)


def instance_of(connection: Connection) -> UUID:
    """Return the installation's id. Raises NotInitialised for a database that has none yet."""
    found = connection.execute(select(installations.c.instance_id)).scalar()
    if found is None:
        raise NotInitialised(_("The database has no keys yet."), fix=_("Run: crmkit db upgrade"))
    return cast(UUID, found)


def read_roots(connection: Connection) -> dict[int, Root]:
    """Return the root keys that the database knows, the retired ones, too."""
    columns = (root_keys.c[name] for name in ("id", "provider", "name", "state", "proof"))
    return {
        row.id: Root(id=row.id, provider=row.provider, name=row.name, state=row.state, proof=bytes(row.proof))
        for row in connection.execute(select(*columns).order_by(root_keys.c.id))
    }


def check_root(providers: Providers, instance: UUID, root: Root) -> None:
    """Try a root key on its proof. Raises WrongKey when another key has its name, KeyMissing when it is not there."""
    try:
        (found,) = providers.of(root.provider).unwrap(root.name, [(root.proof, proof_context(instance, root.id))])
    except WrongKey:
        found = b""
    if found != PROOF:
        raise WrongKey(
            _("The root key {name} is not the one that this database was written with."),
            fix=_("Put the right one back, or name the right folder in the setting keys."),
            name=root.name,
        )


def read_state(connection: Connection, providers: Providers) -> State:
    """Read everything. Raises NotInitialised, KeyMissing, KeyUnsafe and WrongKey."""
    generation = generation_of(connection)
    instance = instance_of(connection)
    roots = read_roots(connection)
    rows = connection.execute(
        select(purpose_keys).where(purpose_keys.c.state != "retired").order_by(purpose_keys.c.version.desc())
    ).all()
    for root_id in {row.root_id for row in rows} | {root.id for root in roots.values() if root.state == "active"}:
        if root_id not in roots:
            raise KeyMissing(_("The database does not know root key {id}, which a key is wrapped under."), id=root_id)
        check_root(providers, instance, roots[root_id])
    purposes: dict[str, list[Purpose]] = {}
    for row in rows:
        context = purpose_context(instance, row.name, row.version, row.root_id)
        root = roots[row.root_id]
        (key,) = providers.of(root.provider).unwrap(root.name, [(bytes(row.wrapped), context)])
        purposes.setdefault(row.name, []).append(Purpose(version=row.version, state=row.state, key=key))
    return State(instance=instance, generation=generation, roots=roots, purposes=purposes)
