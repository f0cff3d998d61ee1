"""Coding: what two people, each without the other's word, say that feedback is about, and how far they agree."""
