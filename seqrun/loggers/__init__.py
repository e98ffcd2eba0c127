"""Loggers: tools that are told of a run's epochs, settings, plots and results."""
