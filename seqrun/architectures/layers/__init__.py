"""What the families share: embedding, recurrent and convolution stacks, positions, output layer, Keras' signatures."""
