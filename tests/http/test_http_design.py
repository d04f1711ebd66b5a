"""The two tests that the first design of this product came with, as they stood there."""

import asyncio

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_concurrent_stock_removal(client: httpx.AsyncClient) -> None:
    async with client:
        made = await client.post(
            "/products", json={"sku": "TEST-001", "name": "The last one", "quantity": 1}
        )
        assert made.status_code == 201

        async def remove_stock_task() -> httpx.Response:
            return await client.patch("/products/TEST-001/remove", json={"amount": 1})

        results = await asyncio.gather(remove_stock_task(), remove_stock_task())
        assert sorted(r.status_code for r in results) == [200, 400]
        final_product = await client.get("/products/TEST-001")
        assert final_product.json()["quantity"] == 0


async def test_api_endpoints_integration(client: httpx.AsyncClient) -> None:
    async with client:
        response = await client.post(
            "/products",
            json={"sku": "TSHIRT-RED-L", "name": "Red T-Shirt (Large)", "quantity": 10},
        )
        assert response.status_code == 201
        response = await client.patch("/products/TSHIRT-RED-L/remove", json={"amount": 3})
        assert response.status_code == 200
        assert response.json()["quantity"] == 7
        response = await client.patch("/products/TSHIRT-RED-L/remove", json={"amount": 10})
        assert response.status_code == 400
        assert response.json() == {
            "error": "Insufficient stock",
            "detail": "TSHIRT-RED-L has 7 in stock, not 10",
            "code": "insufficient_stock",
            "retryable": False,
            "details": {
                "sku": "TSHIRT-RED-L",
                "requested": 10,
                "available": 7,
                "quantity": 7,
                "held": 0,
            },
        }
