"""The table of the sweeps: what was tried, and what was found wrong."""

from collections.abc import Sequence

from bench import missing_tool
from sweeps import run_all

_SHOWN = 400


def main(arguments: Sequence[str]) -> int:
    """Run all sweeps, print the table, and return 1 if there are violations."""
    if reason := missing_tool():
        print(f"nothing was tried: {reason}")
        return 1
    reports = run_all(full="--full" in arguments)
    print(f"{'sweep':<24}{'points':>8}{'violations':>12}")
    for name, report in reports.items():
        print(f"{name:<24}{report.points:>8}{len(report.violations):>12}")
    violations = [one for report in reports.values() for one in report.violations]
    for violation in violations:
        print(f"\n{violation[:_SHOWN]}")
    return 1 if violations else 0
