"""The inventory as a whole: made, checked, repaired, copied, restored."""
