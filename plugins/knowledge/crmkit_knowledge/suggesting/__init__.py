"""Articles that go with a text, for those who answer and for those who ask; and whether that spares cases."""
