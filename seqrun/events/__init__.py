"""What happens while a run runs: events as values, and the lines of text made from them."""
