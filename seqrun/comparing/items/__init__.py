"""Two runs item by item: whether the difference between their predictions of one test split is more than chance."""
