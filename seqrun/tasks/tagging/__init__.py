"""Training and measuring taggers: a tag for every step, spans of tags."""
