"""Finding records by their words: one index for customers, interactions, products and what plugins declare.

Candidates come from the database's own inverted index (FTS5 on SQLite, GIN on PostgreSQL); what they are worth is
reckoned here, the same way on both. Must not know which plugins there are.
"""
