"""The one gate through which messages leave."""
