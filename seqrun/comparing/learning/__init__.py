"""What runs on fractions of the training data say: how a metric grows with them, and what more might bring."""
