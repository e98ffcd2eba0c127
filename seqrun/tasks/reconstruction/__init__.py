"""Training and measuring autoencoders: codes, reconstructions, anomalies."""
