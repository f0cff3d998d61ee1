"""Cases: what customers ask, complain about and need help with, from the first message to the last."""
