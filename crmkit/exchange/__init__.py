"""Import and export: files of rows, their values, and what is done with them."""
