"""Pages for people without an account: opened by a signed link, under ``/p``, without any script."""

from __future__ import annotations

from crmkit.web.public.routes import public_routes as public_routes
