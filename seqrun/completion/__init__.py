"""What may follow on a command line: runs, configs, components, settings, metrics and tags, for the TAB key."""
