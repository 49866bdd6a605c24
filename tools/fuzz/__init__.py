"""The fuzz of the readers of input from elsewhere."""
