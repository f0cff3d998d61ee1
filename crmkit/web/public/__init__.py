"""Pages for people without an account, without any script: those of a signed link under ``/p``, sites for anybody under
``/s``."""

from __future__ import annotations

from crmkit.web.public.routes import public_routes as public_routes
from crmkit.web.public.sites import site_routes as site_routes
