"""The one training loop, which every task uses: loop, program, state, and what is measured and drawn alike."""
