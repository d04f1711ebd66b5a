"""Lists, whose statements depend on the question: put together by SQLAlchemy Core when asked.

Nothing else in `repository` imports SQLAlchemy when it runs.
"""
