"""How probable it is today that each customer leaves, and why; whether the model still fits; who has left."""
