"""Samples of numbers: many short series or pictures, each a sample."""
