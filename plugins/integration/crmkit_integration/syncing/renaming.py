"""A connector whose fields have other names than ours: translates, and knows nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from crmkit_integration.syncing.connectors import Connector, RemoteChanges, RemoteRecord


@frozen(kw_only=True)
class Renaming:
    """A connector behind which fields are called otherwise; ``names`` are theirs by ours."""

    inner: Connector
    names: Mapping[str, str]

    def now(self) -> str:
        """Return the watermark of this moment."""
        return self.inner.now()

    def changes(self, since: str) -> RemoteChanges:
        """Return what was changed since a watermark."""
        return self.inner.changes(since)

    def everything(self) -> Iterator[str]:
        """Give the ids of all records."""
        return self.inner.everything()

    def read(self, external_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        """Return records by their ids, under our names."""
        return {external: self._ours(record) for external, record in self.inner.read(external_ids).items()}

    def create(self, values: Mapping[str, Any], *, reference: str, key: str) -> RemoteRecord:
        """Add a record."""
        return self._ours(self.inner.create(self._theirs(values), reference=reference, key=key))

    def update(self, record: RemoteRecord, values: Mapping[str, Any], *, key: str) -> RemoteRecord:
        """Change a record."""
        there = evolve(record, values=self._theirs(record.values))
        return self._ours(self.inner.update(there, self._theirs(values), key=key))

    def _ours(self, record: RemoteRecord) -> RemoteRecord:
        return evolve(record, values={ours: record.values.get(theirs) for ours, theirs in self.names.items()})

    def _theirs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.names[name]: value for name, value in values.items()}
