"""What comes line by line and is answered at once: scans, and `apply --each`."""
