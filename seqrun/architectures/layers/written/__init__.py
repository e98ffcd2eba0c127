"""Keras layers written in a config: checked without importing Keras, followed through a chain, made."""
