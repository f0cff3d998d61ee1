"""Tests of the room contracts of sales."""
