"""The ASGI application: Django, and crmkit below ``/crm``."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
host = get_asgi_application()

# Django has to be set up before anything of the shop is imported.
from crmkit.web.embedding import Mount  # noqa: E402
from crmkit.web.embedding.django import django_actor  # noqa: E402
from shop.customers import actor_of, crm  # noqa: E402

application = Mount(host, "/crm", crm().asgi(actor=django_actor(actor_of)))
