"""HALCON's operators on regions, over SciPy and scikit-image."""
