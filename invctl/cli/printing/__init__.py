"""What a run prints: records in every format, tables for people, and what goes to stderr."""
