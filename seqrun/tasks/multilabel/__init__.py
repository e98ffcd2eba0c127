"""Training and measuring networks that give a sample any number of labels."""
