"""An inventory on a PostgreSQL server."""

from importlib import import_module

from invctl.errors import ConfigError


def load_driver() -> None:
    """Load the driver, which is optional; raises ConfigError where it is missing."""
    try:
        import_module("psycopg")
    except ImportError as error:
        problem = f"its driver cannot be loaded ({error})"
        raise ConfigError("postgresql", problem, "`pip install 'invctl[postgres]'`") from error
