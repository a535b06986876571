"""Files: images, folder listings, and dlproc's own files. Nothing outside this folder opens a file."""
