"""What Python code and notebooks use: `import seqrun` offers it, and loads it when it is asked for."""
