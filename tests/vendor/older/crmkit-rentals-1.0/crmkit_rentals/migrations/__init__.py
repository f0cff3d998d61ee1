"""The revisions of the plugin's tables, in one line, each in a file that begins with its id."""
