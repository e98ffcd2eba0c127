"""What happens while a run runs: values, and the lines that are made of them."""
