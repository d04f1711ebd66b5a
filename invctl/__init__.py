"""An inventory of products and stock, kept in one database and driven from the command line."""

__version__ = "0.2.0"
