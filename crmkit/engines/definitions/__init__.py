"""What an admin defines (dimensions, segments, rules …), kept in one place: with versions, over what plugins ship."""
