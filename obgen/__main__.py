"""Run the command as `python -m obgen`."""

import sys

from obgen.cli import main

sys.exit(main())
