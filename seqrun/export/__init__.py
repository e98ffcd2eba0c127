"""A finished run as files that other programs load, where seqrun is not installed; checked against the run itself."""
