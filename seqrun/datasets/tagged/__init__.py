"""Sentences with a tag for each token."""
