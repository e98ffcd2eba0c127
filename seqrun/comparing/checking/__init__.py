"""Whether a run is as good as it should be: limits, what they are held against, and reports for a CI system."""
