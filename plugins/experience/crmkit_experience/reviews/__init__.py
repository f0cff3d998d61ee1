"""Reviews: conversations judged by scorecards, and how far judges agree."""
