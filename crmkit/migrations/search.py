"""The inverted index of the search, which each database has in a form of its own, and the trigger beside it.

On SQLite it is a virtual table (FTS5) over the documents' own tokens, which whoever writes documents keeps in step: a
trigger must not write to it, as our connections do not trust schemas. Its shadow tables have names that begin with its
own. On PostgreSQL it is an index (GIN). Documents go with the kernel's records that they are of, on whatever way those
go or are emptied; the tokens of a document that goes are put aside by a trigger, to be taken out of the virtual table
and forgotten where nothing has them any more. A revision that rebuilds one of these tables on SQLite calls
`install_search` again. Must not know sessions or models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

TABLE = "crm_search_words"
INDEX = "ix_crm_search_document_words"
_DOCUMENT = "crm_search_document"


def _name(table: str, verb: str) -> str:
    return f"{table}_search_{verb.partition(' ')[0].lower()}"


_TRIGGER = f"{_DOCUMENT}_gone"
_ASIDE, _WITH = "crm_search_put_aside", "crm_search_go_along"
_RECORDS = (
    ("crm_interaction", "interaction", "DELETE", ""),
    ("crm_interaction", "interaction", "UPDATE OF subject, body", "WHEN (NEW.subject IS NULL AND NEW.body IS NULL)"),
    ("crm_product", "product", "DELETE", ""),
)
"""What makes a record's document go. Those of customers go by their foreign key."""
_SQLITE = (
    # Every character beyond ASCII is part of a token as it stands: the tokens are cut by us.
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='{_DOCUMENT}', content_rowid='number', tokenize='ascii',"
    " columnsize=0)",
    f"CREATE TRIGGER {_TRIGGER} AFTER DELETE ON {_DOCUMENT} BEGIN"  # noqa: S608 - names of our own
    " INSERT INTO crm_search_leftover (number, words) VALUES (OLD.number, OLD.words); END",
    *(
        f"CREATE TRIGGER {_name(table, verb)} AFTER {verb} ON {table} {when} BEGIN"  # noqa: S608
        f" DELETE FROM {_DOCUMENT} WHERE resource = '{resource}' AND record_id = OLD.id; END"
        for table, resource, verb, when in _RECORDS
    ),
)
_POSTGRESQL = (
    f"CREATE INDEX {INDEX} ON {_DOCUMENT} USING gin (words)",
    f"CREATE OR REPLACE FUNCTION {_ASIDE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
    " INSERT INTO crm_search_leftover (number, words)"
    " VALUES (OLD.number, array_to_string(tsvector_to_array(OLD.words), ' ')); RETURN NULL; END $$",
    f"CREATE TRIGGER {_TRIGGER} AFTER DELETE ON {_DOCUMENT} FOR EACH ROW EXECUTE FUNCTION {_ASIDE}()",
    f"CREATE OR REPLACE FUNCTION {_WITH}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
    f" DELETE FROM {_DOCUMENT} WHERE resource = TG_ARGV[0] AND record_id = OLD.id; RETURN NULL; END $$",
    *(
        f"CREATE TRIGGER {_name(table, verb)} AFTER {verb} ON {table} FOR EACH ROW {when}"
        f" EXECUTE FUNCTION {_WITH}('{resource}')"
        for table, resource, verb, when in _RECORDS
    ),
)


def install_search(op: Any) -> None:
    """Make the inverted index and its trigger, replacing those that are there. ``op`` is alembic's namespace."""
    connection: Connection = op.get_bind()
    remove_search(op)
    _run(connection, _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE)


def remove_search(op: Any) -> None:
    """Take the inverted index and its trigger away."""
    connection: Connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    triggers = ((_DOCUMENT, _TRIGGER), *((table, _name(table, verb)) for table, _resource, verb, _when in _RECORDS))
    for table, name in triggers:
        _run(connection, [f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if postgresql else "")])
    if postgresql:
        _run(
            connection,
            [*(f"DROP FUNCTION IF EXISTS {name}()" for name in (_ASIDE, _WITH)), f"DROP INDEX IF EXISTS {INDEX}"],
        )
    else:
        _run(connection, [f"DROP TABLE IF EXISTS {TABLE}"])


def _run(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
