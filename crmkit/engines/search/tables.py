"""The tables of the index: what of each record is searched, the words that can be inflected or misspelt, and the words
of what is gone.

On SQLite there is a virtual table (FTS5) over the documents, on PostgreSQL an index (GIN); both are made by
`crmkit.migrations.search`. Must not know what is searched.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.guard.tables import protect
from crmkit.core.store.model import Access, Model, field, kernel_key
from crmkit.core.store.types import Tokens, json_type

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
WORDS = "crm_search_words"
"""The virtual table of SQLite."""


class SearchDocument(Model):
    """What of one record is searched: its tokens in their order, each with the code of the part that it is from.

    ``repeats`` says how often a token occurs that occurs more than once. Lengths are in tokens. A document is never
    changed: what has changed is a new one, whose number is higher and was none's before.
    """

    __tablename__ = "crm_search_document"
    __access__ = Access.system()

    number: Mapped[int] = field(NUMBER, classified="internal", primary_key=True, autoincrement=True)
    resource: Mapped[str] = field(String(120), classified="internal")
    record_id: Mapped[UUID] = field(classified="internal")
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )
    words: Mapped[str] = field(Tokens, classified="personal")
    repeats: Mapped[dict[str, Any] | None] = field(json_type(), classified="personal")
    title_length: Mapped[int] = field(Integer, classified="internal")
    text_length: Mapped[int] = field(Integer, classified="internal")
    digest: Mapped[int] = field(BigInteger, classified="internal")
    """What equal tokens have in common, so that what has not changed is not written again."""

    __table_args__ = (
        Index("ix_crm_search_document_record", "resource", "record_id", unique=True),
        Index("ix_crm_search_document_length", "resource", "title_length", "text_length"),
        {"sqlite_autoincrement": True},
    )


class SearchWord(Model):
    """A word of the index in an alphabetic script, with the code of its part: its stem, and the pieces by which it is
    found when it is misspelt."""

    __tablename__ = "crm_search_word"
    __access__ = Access.system()

    word: Mapped[str] = field(String(60), classified="personal", primary_key=True)
    stem: Mapped[str | None] = field(String(60), classified="personal", index=True)
    piece_1: Mapped[str | None] = field(String(60), classified="personal", index=True)
    piece_2: Mapped[str | None] = field(String(60), classified="personal", index=True)
    piece_3: Mapped[str | None] = field(String(60), classified="personal", index=True)


class SearchLeftover(Model):
    """The tokens of a document that is gone, put here by a trigger: they have to be taken out of the virtual table, and
    words that no document has any more are forgotten."""

    __tablename__ = "crm_search_leftover"
    __access__ = Access.system()

    number: Mapped[int] = field(NUMBER, classified="internal", primary_key=True, autoincrement=False)
    words: Mapped[str] = field(String, classified="personal")


protect(WORDS, SearchDocument)
