"""Maps: the stages of a journey, what customers meet in them, and how it goes."""
