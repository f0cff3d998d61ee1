"""By what value is computed: one record that people with the right change."""
