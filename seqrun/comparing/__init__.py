"""Many runs side by side. Nothing here loads numpy, pandas or TensorFlow, or runs code that belongs to a run."""
