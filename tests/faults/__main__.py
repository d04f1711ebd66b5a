"""Try faults and print a table of what they did: `python tests/faults [--full | --surroundings]`.

Kills, errors and stops at each file-system call of each mutation, and power cuts; without
`--full` the share of them that CI tries. With `--surroundings` each command is tried on read-only
mounts, full disks, files of others, in odd locales and the like.
"""

import sys
from pathlib import Path

# As pytest finds them: `shop`, and what is in `harness`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent / "harness"))

if "--surroundings" in sys.argv[1:]:
    from matrix import main as tried

    sys.exit(tried())

from report import main

sys.exit(main(sys.argv[1:]))
