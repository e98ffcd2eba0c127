"""seqrun: one YAML file to one trained, measured, reproducible run of a sequence model."""

__version__ = "0.1.0"
