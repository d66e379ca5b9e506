"""Prints one of the README's two commands, so that what is run here is what people are told to run."""

import re
import sys
from pathlib import Path

name = sys.argv[1]
readme = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")
found = re.search(rf"<!-- command: {name} -->\n+```\w*\n(.*?)```", readme, re.DOTALL)
if not found:
    sys.exit(f"README.md has no command marked {name!r}")
sys.stdout.write(found[1])
