"""What a person types and reads. Typer and Rich live here; SQL does not, but in `completion`.

A TAB is answered by a few statements of its own, since loading the services would take longer.
"""
