"""Tests of how cases come in and go out."""
