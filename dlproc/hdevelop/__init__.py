"""HDevelop programs: their files, and the language in them."""
