"""Units that are promised: holds, and deliveries on their way."""
