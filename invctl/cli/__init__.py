"""What a person types and reads. Typer and Rich live here; SQL does not."""
