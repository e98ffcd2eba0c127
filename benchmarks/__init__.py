"""What seqrun's training takes, against plain Keras, PyTorch and the matrix products alone: `python -m benchmarks`."""
