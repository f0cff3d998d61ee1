"""Tests of the pages of this room."""
