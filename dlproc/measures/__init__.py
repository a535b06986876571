"""Measures of how well scores separate good from bad. Each module opens with what is measured and where it is from.

All of them see only the order of the scores, so a strictly increasing map of the scores changes none of them.
"""
