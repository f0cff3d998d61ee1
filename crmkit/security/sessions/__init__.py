"""Signing in for people: sessions of browsers, the second factor, one-time links, and proving oneself once more.

Pages and cookies are the doors' affair; what is here is handed texts and gives back values.
"""
