"""Taking articles over from files: each once, however often its file comes."""
