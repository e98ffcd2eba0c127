"""From YAML with positions to a validated Experiment."""
