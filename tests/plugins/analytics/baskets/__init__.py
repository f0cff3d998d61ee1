"""Tests of baskets."""
