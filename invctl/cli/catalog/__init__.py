"""The commands of products, and of the codes that stand for them."""
