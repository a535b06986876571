"""Files: images, folder listings, and dlproc's own files. Outside of this folder only HDevelop's files are opened."""
