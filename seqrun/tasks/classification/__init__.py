"""Training and measuring classifiers: metrics, baselines and plots of probabilities."""
