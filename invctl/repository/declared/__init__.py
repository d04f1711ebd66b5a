"""Every fixed statement, in SQLAlchemy Core. Nobody runs these: `compiling` writes their texts.

A statement is a constant of a module here; its text has the same name in `compiled`.
"""
