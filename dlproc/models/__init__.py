"""Models: the handle with its parameters, the registry of names, the operators, and the file."""
