"""Large inputs, the same ones each time: seeded products and movements."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

WORDS = [
    "red",
    "blue",
    "steel",
    "oak",
    "glass",
    "lamp",
    "chair",
    "screw",
    "cable",
    "shirt",
    "mug",
    "clock",
    "hook",
    "tile",
    "rope",
]
AT = "2026-01-31T09:30:00.000Z"


def products(path: Path, count: int) -> Path:
    """Write a CSV of `count` products with plenty in stock."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("sku,name,description,quantity,reorder_point\n")
        for number in range(count):
            name = " ".join(chance.choices(WORDS, k=3))
            point = chance.randrange(50) if number % 10 == 0 else ""
            file.write(f"P-{number:07d},{name},,{chance.randrange(10**6, 10**7)},{point}\n")
    return path


def movements(path: Path, count: int, of: int) -> Path:
    """Write a gzipped CSV of `count` sales and deliveries of `of` products."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write("sku,delta,reason,ref,occurred_at\n")
        file.writelines(sales(count, of))
    return path


def sales(count: int, of: int) -> Iterator[str]:
    """Yield the lines of sales and deliveries: SKU, delta, reason, ref, occurred_at."""
    chance = random.Random(2)
    for number in range(count):
        delta = chance.choice((-3, -2, -1, -1, -1, 5))
        reason = "sale" if delta < 0 else "delivery"
        yield f"P-{chance.randrange(of):07d},{delta},{reason},{number // 4},{AT}\n"


def lines(path: Path, count: int, of: int) -> Path:
    """Write JSON lines for `apply --each`."""
    chance = random.Random(3)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            delta = chance.choice((-2, -1, 1, 2))
            file.write(f'{{"sku":"P-{chance.randrange(of):07d}","delta":{delta}}}\n')
    return path
