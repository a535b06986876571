"""Features: the pretrained network, patches, and the statistics of patches. Tensors in, tensors out."""
