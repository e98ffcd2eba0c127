"""A finished run as a server: what `predict` answers on the command line, over HTTP."""
