"""The shared service layer: one function a verb, one transaction a mutation.

It neither prints nor exits nor knows an exit code, so that any front end can stand on it.
"""
