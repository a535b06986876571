"""HDevelop programs: reading the files, and the language in which they are written."""
