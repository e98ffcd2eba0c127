"""Where a dataset's files are, how they are fetched, and what preparing them made, kept."""
