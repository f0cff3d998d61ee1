"""Finding articles by what they mean: an extra, with a model that runs in the process."""
