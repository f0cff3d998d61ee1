"""Leaving: unsubscribing and suppression."""
