"""What the architectures share: embedding, recurrent and convolution stacks, positions, output layer, Keras' layers."""
