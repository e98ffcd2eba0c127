"""What this computer offers and asks: device, threads, signals, servers within reach."""
