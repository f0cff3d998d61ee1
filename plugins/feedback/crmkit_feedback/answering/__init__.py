"""How customers answer and what is kept of it: pages, open links, files and other systems."""
