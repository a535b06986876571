"""The dictionaries: what each key holds (`keys`), of which kind (`kinds`), and errors that name it (`check`)."""
