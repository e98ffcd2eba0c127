"""What depends on this computer: device, threads, signals, reachable servers."""
