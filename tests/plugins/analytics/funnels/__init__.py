"""Tests of funnels."""
