"""Django as the host: who is signed in there, and changes in one transaction with Django's own.

Imports Django lazily; must not know any project's models.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from crmkit.core.store.actor import Actor
from crmkit.errors import StoreError
from crmkit.i18n import texts

_ = texts("crmkit")


def django_actor(actor_of: Callable[[Any], Actor | None]) -> Callable[[Mapping[str, Any]], Actor | None]:
    """Return what `CRM.asgi` takes as ``actor`` in a Django project, in ASGI and in WSGI.

    ``actor_of(user)`` gets the user whom Django's session belongs to, after the checks of Django's own middleware
    (session, back end, hash of the password), and says which actor that is, or None for nobody.
    """

    def actor(scope: Mapping[str, Any]) -> Actor | None:
        from django.conf import settings
        from django.contrib.auth import get_user
        from django.db import close_old_connections
        from django.http import HttpRequest
        from django.utils.module_loading import import_string

        key = _cookie(scope, settings.SESSION_COOKIE_NAME)
        if not key:
            return None
        request = HttpRequest()
        # This runs in a thread of the pool, which has connections of its own to Django's database.
        close_old_connections()
        try:
            request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key)
            user = get_user(request)
            return actor_of(user) if user.is_authenticated and user.is_active else None
        finally:
            close_old_connections()

    return actor


@contextmanager
def django_connection(using: str = "default") -> Generator[Connection]:
    """Give Django's own connection, within ``transaction.atomic()``, as one of SQLAlchemy, for `CRM.joined`.

    Django commits or rolls back; the database has to be the CRM's own, on SQLite. Raises StoreError for another one:
    there let SQLAlchemy hold the transaction, and hand Django's changes to it.
    """
    from django.db import connections

    known = connections[using]
    if known.vendor != "sqlite":
        raise StoreError(_("A transaction of Django can be joined on SQLite alone, this is {name}."), name=known.vendor)
    if not known.in_atomic_block:
        raise StoreError(_("Django has no transaction open."), fix=_("Use it within transaction.atomic()."))
    connection = _engine(using).connect()
    try:
        connection.begin()
        yield connection
    finally:
        connection.close()


@lru_cache(maxsize=16)
def _engine(using: str) -> Engine:
    from django.db import connections

    # Django's connections convert days by themselves.
    made = create_engine(
        "sqlite://", creator=lambda: connections[using].connection, poolclass=NullPool, native_datetime=True
    )
    # The connection and its transaction are Django's: nothing of it is ended here.
    for name in ("do_commit", "do_rollback", "do_close", "do_terminate"):
        setattr(made.dialect, name, _leave)
    return made


def _leave(connection: Any) -> None:
    """Leave Django's connection as it is."""


def _cookie(scope: Mapping[str, Any], name: str) -> str:
    lines = [value.decode("latin-1") for key, value in scope.get("headers", ()) if key == b"cookie"]
    try:
        found = SimpleCookie("; ".join(lines)).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
