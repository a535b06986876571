"""``python -m dlproc``: the command line."""

import sys

from dlproc.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
