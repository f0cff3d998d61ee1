"""Throw-away plugins: packages in a folder of a test's own, with a model, a revision and hooks as the test wants."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from crmkit.manifest import PluginManifest

_numbers = itertools.count(1)

_MODELS = """
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from crmkit import CustomerRecord, field


class Thing(CustomerRecord):
    __tablename__ = "{name}_thing"
    label: Mapped[str] = field(String(40), classified="internal")
"""

_PLUGIN = """
from crmkit import PersonalData, hookimpl, operation, CrmSession, Customer
from {package}.models import Thing


@hookimpl
def crmkit_models():
    return [Thing]


@hookimpl
def crmkit_personal_data():
    return [PersonalData(table="{name}_thing", columns=["label"], purpose="Testing", on_merge="move")]


@operation("{name}.thing.create", title="Add a thing")
def create(session: CrmSession, customer: Customer, *, label: str) -> Thing:
    thing = Thing(customer_id=customer.id, label=label)
    session.add(thing)
    return thing


@hookimpl
def crmkit_operations():
    return [create]
"""

_REVISION = '''"""Things."""

import crmkit
import sqlalchemy as sa
from alembic import op

revision = "{name}_{number:04d}"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade():
{body}
'''

MAKE_THINGS = """
    op.create_table(
        "{name}_thing",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("label", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name="fk_{name}_thing_customer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["crm_user.id"], name="fk_{name}_thing_owner_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name="fk_{name}_thing_team_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_{name}_thing"),
    )
    op.create_index("ix_{name}_thing_customer_id", "{name}_thing", ["customer_id"])
    op.create_index("ix_{name}_thing_owner_id", "{name}_thing", ["owner_id"])
    op.create_index("ix_{name}_thing_team_id", "{name}_thing", ["team_id"])
"""


class Plugin:
    """One throw-away plugin: its package on disk, and its manifest at any version."""

    def __init__(self, folder: Path, name: str, **manifest: Any) -> None:
        # Modules and mapped classes outlive a test, so each plugin gets a package that no other has had.
        self.name, self.package = name, f"crmkit_{name}_{next(_numbers)}"
        self.folder = folder / self.package
        self.options = manifest

    def write(self, file: str, source: str) -> None:
        """Write a module of the package; ``{name}`` and ``{package}`` are filled in."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.replace("{name}", self.name).replace("{package}", self.package))

    def revision(self, number: int, body: str) -> None:
        """Write the revision with this number, after the one before it."""
        before = f"{self.name}_{number - 1:04d}" if number > 1 else None
        source = _REVISION.format(name=self.name, number=number, before=before, body=body.replace("{name}", self.name))
        self.write(f"migrations/{self.name}_{number:04d}_step.py", source)

    def manifest(self, version: str = "1.0", **options: Any) -> PluginManifest:
        """Return the manifest."""
        values = {
            "name": self.name,
            "title": self.name.title(),
            "version": version,
            "module": f"{self.package}.plugin",
            "migrations": f"{self.package}.migrations",
            **self.options,
            **options,
        }
        return PluginManifest(**values)


class Workshop:
    """Makes plugins in a folder that is on the import path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plugin(self, name: str, hooks: str = "", **manifest: Any) -> Plugin:
        """Write a sound plugin with one table of things, to which ``hooks`` are added."""
        plugin = Plugin(self.folder, name, **manifest)
        plugin.write("__init__.py", "")
        plugin.write("models.py", _MODELS)
        plugin.write("plugin.py", _PLUGIN + hooks)
        plugin.write("migrations/__init__.py", "")
        plugin.revision(1, MAKE_THINGS)
        return plugin

    def bare(self, name: str, hooks: str, **manifest: Any) -> Plugin:
        """Write a plugin without tables that has only these hooks."""
        plugin = Plugin(self.folder, name, migrations=None, **manifest)
        plugin.write("__init__.py", "")
        plugin.write("plugin.py", "from crmkit import hookimpl\n" + hooks)
        return plugin
