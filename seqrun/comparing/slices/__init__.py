"""Metrics by kind of sample: by class, length, share of unknown tokens, horizon step, hour, series, or a column."""
