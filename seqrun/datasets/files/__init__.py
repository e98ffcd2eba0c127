"""Where a dataset's files are, how they are fetched, and the cache of prepared data."""
