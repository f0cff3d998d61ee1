"""How probable it is that a customer leaves, learnt from what became of others. Pure: must not know the database."""
