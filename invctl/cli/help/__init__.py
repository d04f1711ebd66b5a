"""What `--help` and `invctl help` print: the pages of commands, and topics that README shares."""
