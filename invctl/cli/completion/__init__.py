"""What shells complete: the answer to a TAB, and the scripts that make shells ask for it."""
