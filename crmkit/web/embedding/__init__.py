"""Mounting the application in other applications: below a path, in WSGI hosts, in a Django transaction."""

from __future__ import annotations

from crmkit.web.embedding.mounting import Mount as Mount
from crmkit.web.embedding.wsgi import WsgiMount as WsgiMount, wsgi as wsgi
