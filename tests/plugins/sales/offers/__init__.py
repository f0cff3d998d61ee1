"""Tests of the room offers of sales."""
