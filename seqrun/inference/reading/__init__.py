"""New raw input, read as the run's own data were."""
