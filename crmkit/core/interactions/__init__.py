"""Everything that happens to a customer: one append-only stream of interactions, with products, attachments and the
timeline."""
