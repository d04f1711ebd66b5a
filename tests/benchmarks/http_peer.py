"""The peer of `serving`: the design of this product as it was first written, FastAPI and SQLModel.

SELECT … FOR UPDATE, a check in Python, a commit; in WAL and with synchronous=FULL, as ours.
"""

import os
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import CheckConstraint, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel, select


class Product(SQLModel, table=True):
    """A product, as the design has it."""

    id: int | None = Field(default=None, primary_key=True)
    sku: str = Field(unique=True, index=True)
    name: str = Field(min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=1000)
    quantity: int = Field(ge=0)
    __table_args__ = (CheckConstraint("quantity >= 0", name="positive_quantity"),)


class ProductCreate(BaseModel):
    """A new product."""

    sku: str = Field(min_length=1, max_length=50)
    name: str = Field(min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=1000)
    quantity: int = Field(ge=0)


class StockOperation(BaseModel):
    """Units to add or to remove."""

    amount: int = Field(gt=0)


class ProductResponse(BaseModel):
    """What is answered."""

    sku: str
    name: str
    description: str | None
    quantity: int


# The design says nothing of a pool, so it has what the engine has by itself; PEER_SESSIONS tries
# how it is with a session for each client, of whom then most wait for SQLite's lock.
pool = {"pool_size": int(size)} if (size := os.environ.get("PEER_SESSIONS")) else {}
engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['PEER_DB']}", **pool)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine.sync_engine, "connect")
def _durable(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


async def session() -> AsyncIterator[AsyncSession]:
    """Give a session for a request."""
    async with sessions() as made:
        yield made


Session = Annotated[AsyncSession, Depends(session)]
app = FastAPI()


@app.on_event("startup")
async def _make_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)


async def _found(sku: str, db: AsyncSession) -> Product:
    found = await db.execute(select(Product).where(Product.sku == sku).with_for_update())
    product = found.scalar_one_or_none()
    if product is None:
        raise HTTPException(404, "Product not found")
    return product


@app.post("/products", status_code=201, response_model=ProductResponse)
async def create(asked: ProductCreate, db: Session) -> Product:
    """Create a product."""
    product = Product(**asked.model_dump())
    db.add(product)
    await db.commit()
    return product


@app.get("/products/{sku}", response_model=ProductResponse)
async def show(sku: str, db: Session) -> Product:
    """Show a product."""
    found = await db.execute(select(Product).where(Product.sku == sku))
    product = found.scalar_one_or_none()
    if product is None:
        raise HTTPException(404, "Product not found")
    return product


@app.patch("/products/{sku}/remove", response_model=ProductResponse)
async def remove(sku: str, asked: StockOperation, db: Session) -> Product:
    """Remove units: read, check, write."""
    product = await _found(sku, db)
    if product.quantity < asked.amount:
        raise HTTPException(400, "Insufficient stock")
    product.quantity -= asked.amount
    await db.commit()
    return product
