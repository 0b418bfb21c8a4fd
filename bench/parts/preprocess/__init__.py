"""Pictures to tensors: edgert, the others, and the answers that must be equal."""
