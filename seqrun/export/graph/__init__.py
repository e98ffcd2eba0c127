"""The same as read_input.py, as a TensorFlow graph: a SavedModel reads raw input itself."""
