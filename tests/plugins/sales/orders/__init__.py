"""Tests of the room orders of sales."""
