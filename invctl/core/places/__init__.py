"""Where units lie: places, and pots of one product and lot in them."""
