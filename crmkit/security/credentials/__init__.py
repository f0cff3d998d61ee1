"""How crmkit knows who acts: passwords, API tokens, one-time codes, and what slows down those who guess.

What a user may do once it is known who it is, is not decided here.
"""
