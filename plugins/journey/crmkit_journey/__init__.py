"""Journeys: what customers are to live through, and what they really do."""
