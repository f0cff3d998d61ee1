"""A peer: the same customers behind Django REST framework, as one would write it: a token's user, the user's own
customers, pages of 50 by cursor in the order of the names, over an index for just that.

``PEER_DATABASE`` names its database. Served by gunicorn, or filled by `fill`.
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from sqlalchemy.engine import make_url

OWNERS = 100
"""How many users share the customers among them."""


def _database(url: str) -> dict[str, object]:
    if url.startswith("sqlite:///"):
        pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": pragmas},
        }
    parts = make_url(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.database,
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": parts.host or parts.query.get("host", ""),
        "PORT": parts.port or parts.query.get("port", ""),
        "CONN_MAX_AGE": None,
    }


settings.configure(
    DATABASES={"default": _database(os.environ["PEER_DATABASE"])},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "rest_framework.authtoken"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="benchmark",
    USE_TZ=True,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

import uuid  # noqa: E402

from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402


class Customer(models.Model):
    """The peer's customer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    version = models.IntegerField(default=1)
    name = models.CharField(max_length=250)
    sort_name = models.CharField(max_length=250)
    kind = models.CharField(max_length=12)
    standing = models.CharField(max_length=12)
    city = models.CharField(max_length=120, null=True)
    country = models.CharField(max_length=2, null=True)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        """Where it lives."""

        app_label = "peer"
        indexes = (models.Index(fields=["owner", "sort_name", "id"], name="peer_owner"),)


class CustomerSerializer(serializers.ModelSerializer):
    """The same fields that crmkit shows in lists."""

    class Meta:
        """Which fields."""

        model = Customer
        fields = ("id", "version", "name", "kind", "standing", "city", "country", "owner_id", "created_at")


class Pages(pagination.CursorPagination):
    """Pages by key."""

    page_size = 50
    ordering = ("sort_name", "id")


class Customers(generics.ListAPIView):
    """The caller's own customers."""

    serializer_class = CustomerSerializer
    pagination_class = Pages

    def get_queryset(self):  # type: ignore[no-untyped-def]
        """Return what the caller may see."""
        return Customer.objects.filter(owner=self.request.user)


urlpatterns = [path("customers/", Customers.as_view())]
application = get_wsgi_application()


def fill(rows: int) -> None:
    """Make the tables, users with a token for the first, and customers; print that token."""
    from django.core.management import call_command

    from benchmarks.population import END, named

    call_command("migrate", verbosity=0, run_syncdb=True)
    with connection.schema_editor() as editor:
        editor.create_model(Customer)
    users = [User.objects.create_user(f"user{number}") for number in range(OWNERS)]
    batch = [
        Customer(
            name=name,
            sort_name=order,
            kind="person",
            standing="existing",
            city=city,
            country="CN",
            owner=users[place % OWNERS],
            created_at=END,
        )
        for place, (name, order, city) in enumerate(named(rows))
    ]
    Customer.objects.bulk_create(batch, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(Token.objects.create(user=users[0]).key)
