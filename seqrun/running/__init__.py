"""One experiment to one run directory, by phases; and whether this machine is ready for it."""
