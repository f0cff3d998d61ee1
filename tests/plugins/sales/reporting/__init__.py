"""Tests of the reports on sales."""
