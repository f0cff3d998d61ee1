"""Tests of survival."""
