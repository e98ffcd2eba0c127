"""Networks: one family a file, each a class whose fields are its config and whose `build` makes the Keras model."""
