"""Grades of customers by what they are worth, with a margin so that nobody flaps; concentration and migration."""
