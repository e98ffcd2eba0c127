"""From a YAML file, with the positions of its values, to a validated Experiment."""
