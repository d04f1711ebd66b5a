"""An inventory on a PostgreSQL server, or on one that speaks its protocol."""

from importlib import import_module

from invctl.errors import ConfigError

_NEEDED = {"postgresql": "psycopg", "cockroachdb": "sqlalchemy_cockroachdb"}


def load_driver(engine: str) -> None:
    """Load what an engine needs besides this package; raises ConfigError where it is missing."""
    for module in ("psycopg", _NEEDED[engine]):
        try:
            import_module(module)
        except ImportError as error:
            hint = f"`pip install 'invctl[{'postgres' if module == 'psycopg' else engine}]'`"
            raise ConfigError(engine, f"its driver cannot be loaded ({error})", hint) from error
