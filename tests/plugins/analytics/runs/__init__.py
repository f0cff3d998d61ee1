"""Tests of model runs."""
