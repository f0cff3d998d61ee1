"""What will be sold, how sure that is, and how right it was."""
