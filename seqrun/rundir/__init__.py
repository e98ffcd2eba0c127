"""The run directory: creation, atomic writes, checkpoints, reading back."""
