"""The command line ``dlproc``: one module for each command, and `main` that calls them.

A command module has ``add_command`` (its arguments) and ``run`` (what it does, returning the exit code). Nothing here
knows how to train or score: commands call the public procedures, as a user's script would. Whatever is slow to import
is imported where it is used, so that ``dlproc --help`` answers at once.
"""
