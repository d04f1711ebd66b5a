"""What the command does is the same on each engine: the tests of it run on each."""

from engines import on_each_engine as pytest_generate_tests

__all__ = ["pytest_generate_tests"]
