"""Many runs side by side. Nothing here loads pandas or TensorFlow, or runs code that belongs to a run.

NumPy and scipy.special are loaded where there are verdicts to make, or arrays to compare, and nowhere else.
"""
