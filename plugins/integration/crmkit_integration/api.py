"""What other plugins may import of integration; everything else may change at any time."""

from __future__ import annotations

from crmkit_integration.syncing.connectors import (
    Access as Access,
    Connector as Connector,
    ConnectorKind as ConnectorKind,
    RemoteChanges as RemoteChanges,
    RemoteRecord as RemoteRecord,
    RemoteRefused as RemoteRefused,
    RemoteStale as RemoteStale,
    RemoteUnreachable as RemoteUnreachable,
)
from crmkit_integration.webhooks.running import deliver_webhooks as deliver_webhooks
