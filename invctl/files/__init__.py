"""Rows in and out: CSV, TSV, JSON Lines, gzip. Knows no database and judges no value."""
