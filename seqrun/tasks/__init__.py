"""Each task, whole, in a folder: trainer, fit, metrics, baselines, plots, predict, and its part of `seqrun show`."""
