"""Keras' layers on compiled programs: the same weights, names and maths, faster on a CPU."""
