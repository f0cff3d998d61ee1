"""Tests of what service measures."""
