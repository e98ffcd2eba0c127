"""Using a finished run: its network rebuilt from the run directory alone, and new raw input put through it."""
