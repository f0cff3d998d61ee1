"""The pages of the staff, rendered on the server: each room of this package has the pages of one kind of work."""
