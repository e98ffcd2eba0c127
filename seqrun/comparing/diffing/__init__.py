"""Two runs, and all in which they differ: config, data, code, environment, training, metrics, predictions."""
