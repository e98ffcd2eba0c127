"""Keras layers that a config writes: checked without Keras, followed through a chain, made."""
