"""The texts of every fixed statement, by engine. Generated; do not edit.

`python -m invctl.repository.compiling` makes them from `declared`.
"""
# fmt: off
# ruff: noqa: E501

from invctl.db.session import Text

SETTING = Text(
    "SELECT setting.value FROM setting WHERE setting.name = ?",
    "SELECT setting.value FROM setting WHERE setting.name = %(name)s::TEXT",
    ("name",),
)

FIND_PRODUCT = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku = ?",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku = %(sku)s::TEXT COLLATE \"C\"",
    ("sku",),
)

LOCK_PRODUCT = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku = ?",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku = %(sku)s::TEXT COLLATE \"C\" FOR UPDATE",
    ("sku",),
)

SEE_PRODUCTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given) ORDER BY product.id",
    ("skus",),
)

LOAD_ACTIVE = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.archived_at IS NULL ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.archived_at IS NULL ORDER BY product.id FOR UPDATE",
    (),
)

ACTIVE_SKUS = Text(
    "SELECT product.id, product.sku FROM product WHERE product.archived_at IS NULL ORDER BY product.sku",
    "SELECT product.id, product.sku FROM product WHERE product.archived_at IS NULL ORDER BY product.sku",
    (),
)

LOAD_PRODUCTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE",
    ("skus",),
)

LOAD_BY_IDS = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.archived_at IS NULL AND product.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at FROM product WHERE product.archived_at IS NULL AND product.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE",
    ("products",),
)

FIRST_PLACED = Text(
    "SELECT product.sku FROM product WHERE product.archived_at IS NULL AND product.placed > 0 ORDER BY product.id LIMIT 1 OFFSET 0",
    "SELECT product.sku FROM product WHERE product.archived_at IS NULL AND product.placed > 0 ORDER BY product.id LIMIT 1 OFFSET 0",
    (),
)

PRODUCT = Text(
    "SELECT product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, 0) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.id = ?",
    "SELECT product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, false) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.id = %(product)s::BIGINT",
    ("product",),
)

PRODUCTS = Text(
    "SELECT product.id, product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, 0) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.sku IN (SELECT given.value FROM json_each(?) AS given)",
    "SELECT product.id, product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, false) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given)",
    ("skus",),
)

PRODUCT_AS_OF = Text(
    "SELECT product.sku, product.name, product.description, (SELECT CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement WHERE movement.product_id = product.id AND movement.occurred_at <= ?) AS quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_2 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, 0) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_2 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.id = ?",
    "SELECT product.sku, product.name, product.description, (SELECT CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement WHERE movement.product_id = product.id AND movement.occurred_at <= %(as_of)s::TEXT COLLATE \"C\") AS quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at, coalesce((product.quantity - product.held) + (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_2 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) <= product.reorder_point, false) AS low, product.held AS held, product.quantity - product.held AS available, (SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_2 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = product.id) AS expected, product.reorder_to FROM product WHERE product.id = %(product)s::BIGINT",
    ("as_of", "product",),
)

FACTS_BY_ID = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.id = ?",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.id = %(product)s::BIGINT",
    ("product",),
)

FACTS_BY_IDS = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given)",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given)",
    ("products",),
)

LOCK_FACTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.sku = ?",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.sku = %(sku)s::TEXT COLLATE \"C\" FOR UPDATE",
    ("sku",),
)

LOAD_FACTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.sku IN (SELECT given.value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at, product.reorder_to, product.created_at, product.held, product.placed FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE",
    ("skus",),
)

SKUS_FROM = Text(
    "SELECT product.sku FROM product WHERE product.sku >= ? ORDER BY product.sku LIMIT ? OFFSET 0",
    "SELECT product.sku FROM product WHERE product.sku >= %(sku)s::TEXT COLLATE \"C\" ORDER BY product.sku LIMIT %(most)s OFFSET 0",
    ("sku", "most",),
)

SKUS_BEFORE = Text(
    "SELECT product.sku FROM product WHERE product.sku < ? ORDER BY product.sku DESC LIMIT ? OFFSET 0",
    "SELECT product.sku FROM product WHERE product.sku < %(sku)s::TEXT COLLATE \"C\" ORDER BY product.sku DESC LIMIT %(most)s OFFSET 0",
    ("sku", "most",),
)

NEXT_PRODUCT = Text(
    "SELECT coalesce(max(ids.id), 0) + 1 AS anon_1 FROM (SELECT max(product.id) AS id FROM product UNION ALL SELECT max(change.product_id) AS max_1 FROM change) AS ids",
    "SELECT coalesce(max(ids.id), 0) + 1 AS anon_1 FROM (SELECT max(product.id) AS id FROM product UNION ALL SELECT max(change.product_id) AS max_1 FROM change) AS ids",
    (),
)

ADD_PRODUCT = Text(
    "INSERT INTO product (id, sku, name, description, quantity, reorder_point, archived_at, created_at, updated_at, reorder_to, held, placed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO product (id, sku, name, description, quantity, reorder_point, archived_at, created_at, updated_at, reorder_to, held, placed) VALUES (%(id)s::BIGINT, %(sku)s::TEXT COLLATE \"C\", %(name)s::TEXT COLLATE \"C\", %(description)s::TEXT, %(quantity)s::BIGINT, %(reorder_point)s::BIGINT, %(archived_at)s::TEXT COLLATE \"C\", %(created_at)s::TEXT COLLATE \"C\", %(updated_at)s::TEXT COLLATE \"C\", %(reorder_to)s::BIGINT, %(held)s::BIGINT, %(placed)s::BIGINT)",
    ("id", "sku", "name", "description", "quantity", "reorder_point", "archived_at", "created_at", "updated_at", "reorder_to", "held", "placed",),
)

DELETE_PRODUCT = Text(
    "DELETE FROM product WHERE product.id = ?",
    "DELETE FROM product WHERE product.id = %(product)s::BIGINT",
    ("product",),
)

MOVE = Text(
    "UPDATE product SET quantity=(product.quantity + ?), updated_at=?, held=(product.held + ?), placed=(product.placed + ?) WHERE product.sku = ? AND product.archived_at IS NULL AND product.quantity + ? BETWEEN product.held + ? AND 9007199254740991 AND product.held + ? >= 0 AND product.placed + ? BETWEEN 0 AND product.quantity + ? RETURNING id, sku, quantity, held, placed, reorder_point",
    "UPDATE product SET quantity=(product.quantity + %(by)s::BIGINT), updated_at=%(now)s::TEXT COLLATE \"C\", held=(product.held + %(held_by)s::BIGINT), placed=(product.placed + %(placed_by)s::BIGINT) WHERE product.sku = %(sku)s::TEXT COLLATE \"C\" AND product.archived_at IS NULL AND product.quantity + %(by)s::BIGINT BETWEEN product.held + %(held_by)s::BIGINT AND 9007199254740991 AND product.held + %(held_by)s::BIGINT >= 0 AND product.placed + %(placed_by)s::BIGINT BETWEEN 0 AND product.quantity + %(by)s::BIGINT RETURNING product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point",
    ("by", "now", "held_by", "placed_by", "sku", "by", "held_by", "held_by", "placed_by", "by",),
)

SETTLE = Text(
    "UPDATE product SET quantity=?, updated_at=? WHERE product.id = ? AND product.quantity = ?",
    "UPDATE product SET quantity=anon_1.now, updated_at=anon_1.at FROM unnest(%(now)s::BIGINT[], %(at)s::TEXT[], %(product)s::BIGINT[], %(seen)s::BIGINT[]) AS anon_1(now, at, product, seen) WHERE product.id = anon_1.product AND product.quantity = anon_1.seen",
    ("now", "at", "product", "seen",),
)

SETTLE_PLACED = Text(
    "UPDATE product SET quantity=?, updated_at=?, placed=? WHERE product.id = ? AND product.quantity = ?",
    "UPDATE product SET quantity=anon_1.now, updated_at=anon_1.at, placed=anon_1.now_placed FROM unnest(%(now)s::BIGINT[], %(now_placed)s::BIGINT[], %(at)s::TEXT[], %(product)s::BIGINT[], %(seen)s::BIGINT[]) AS anon_1(now, now_placed, at, product, seen) WHERE product.id = anon_1.product AND product.quantity = anon_1.seen",
    ("now", "at", "now_placed", "product", "seen",),
)

MEND = Text(
    "UPDATE product SET quantity=?, updated_at=?, held=?, placed=? WHERE product.id = ? AND product.quantity = ?",
    "UPDATE product SET quantity=anon_1.now, updated_at=anon_1.at, held=anon_1.now_held, placed=anon_1.now_placed FROM unnest(%(now)s::BIGINT[], %(now_held)s::BIGINT[], %(now_placed)s::BIGINT[], %(at)s::TEXT[], %(product)s::BIGINT[], %(seen)s::BIGINT[]) AS anon_1(now, now_held, now_placed, at, product, seen) WHERE product.id = anon_1.product AND product.quantity = anon_1.seen",
    ("now", "at", "now_held", "now_placed", "product", "seen",),
)

MEND_POT = Text(
    "UPDATE pot SET quantity=? WHERE pot.id = ?",
    "UPDATE pot SET quantity=anon_1.now FROM unnest(%(now)s::BIGINT[], %(pot)s::BIGINT[]) AS anon_1(now, pot) WHERE pot.id = anon_1.pot",
    ("now", "pot",),
)

DESCRIBE_EACH = Text(
    "UPDATE product SET name=?, description=?, reorder_point=?, archived_at=?, updated_at=?, reorder_to=? WHERE product.id = ?",
    "UPDATE product SET name=anon_1.new_name, description=anon_1.new_description, reorder_point=anon_1.new_reorder_point, archived_at=anon_1.new_archived_at, updated_at=anon_1.at, reorder_to=anon_1.new_reorder_to FROM unnest(%(new_name)s::TEXT[], %(new_description)s::TEXT[], %(new_reorder_point)s::BIGINT[], %(new_archived_at)s::TEXT[], %(new_reorder_to)s::BIGINT[], %(at)s::TEXT[], %(product)s::BIGINT[]) AS anon_1(new_name, new_description, new_reorder_point, new_archived_at, new_reorder_to, at, product) WHERE product.id = anon_1.product",
    ("new_name", "new_description", "new_reorder_point", "new_archived_at", "at", "new_reorder_to", "product",),
)

DESCRIBE = Text(
    "UPDATE product SET sku=?, name=?, description=?, reorder_point=?, archived_at=?, updated_at=?, reorder_to=? WHERE product.id = ?",
    "UPDATE product SET sku=%(sku)s::TEXT COLLATE \"C\", name=%(name)s::TEXT COLLATE \"C\", description=%(description)s::TEXT, reorder_point=%(reorder_point)s::BIGINT, archived_at=%(archived_at)s::TEXT COLLATE \"C\", updated_at=%(updated_at)s::TEXT COLLATE \"C\", reorder_to=%(reorder_to)s::BIGINT WHERE product.id = %(product)s::BIGINT",
    ("sku", "name", "description", "reorder_point", "archived_at", "updated_at", "reorder_to", "product",),
)

PRODUCTS_IN_RUNS = Text(
    "SELECT count(*) AS count_1 FROM (SELECT movement.product_id AS product_id FROM movement WHERE movement.id BETWEEN ? AND ? UNION SELECT change.product_id AS product_id FROM change WHERE change.id BETWEEN ? AND ?) AS touched",
    "SELECT count(*) AS count_1 FROM (SELECT movement.product_id AS product_id FROM movement WHERE movement.id BETWEEN %(first_movement)s::BIGINT AND %(last_movement)s::BIGINT UNION SELECT change.product_id AS product_id FROM change WHERE change.id BETWEEN %(first_change)s::BIGINT AND %(last_change)s::BIGINT) AS touched",
    ("first_movement", "last_movement", "first_change", "last_change",),
)

LOCK_ALL = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product ORDER BY product.id FOR UPDATE) AS anon_1",
    (),
)

LOCK_STAGED = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.sku IN (SELECT pg_temp.staged.sku FROM pg_temp.staged) ORDER BY product.id FOR UPDATE) AS anon_1",
    (),
)

LOCK_RUN = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.id IN (SELECT movement.product_id FROM movement WHERE movement.id BETWEEN %(first_movement)s::BIGINT AND %(last_movement)s::BIGINT) OR product.id IN (SELECT change.product_id FROM change WHERE change.id BETWEEN %(first_change)s::BIGINT AND %(last_change)s::BIGINT) ORDER BY product.id FOR UPDATE) AS anon_1",
    (),
)

QUANTITIES = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed FROM product ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed FROM product ORDER BY product.id",
    (),
)

SKU_OF = Text(
    "SELECT product.sku FROM product WHERE product.id = ?",
    "SELECT product.sku FROM product WHERE product.id = %(product)s::BIGINT",
    ("product",),
)

NEXT_IDS = Text(
    "SELECT (SELECT coalesce(max(operation.id), 0) + 1 AS anon_2 FROM operation) AS anon_1, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_4 FROM movement) AS anon_3, (SELECT coalesce(max(change.id), 0) + 1 AS anon_6 FROM change) AS anon_5",
    "SELECT (SELECT coalesce(max(operation.id), 0) + 1 AS anon_2 FROM operation) AS anon_1, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_4 FROM movement) AS anon_3, (SELECT coalesce(max(change.id), 0) + 1 AS anon_6 FROM change) AS anon_5",
    (),
)

ENTER = Text(
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at, reason, ref, file_hash, first_movement, last_movement, first_change, last_change) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, CASE WHEN (? > 0) THEN (SELECT coalesce(max(movement.id), 0) + 1 AS anon_1 FROM movement) END, CASE WHEN (? > 0) THEN ((SELECT coalesce(max(movement.id), 0) + 1 AS anon_1 FROM movement) + ?) - 1 END, CASE WHEN (? > 0) THEN (SELECT coalesce(max(change.id), 0) + 1 AS anon_2 FROM change) END, CASE WHEN (? > 0) THEN ((SELECT coalesce(max(change.id), 0) + 1 AS anon_2 FROM change) + ?) - 1 END) RETURNING id, coalesce(first_movement, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_1 FROM movement)) AS coalesce_1, coalesce(first_change, (SELECT coalesce(max(change.id), 0) + 1 AS anon_2 FROM change)) AS coalesce_2",
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at, reason, ref, file_hash, first_movement, last_movement, first_change, last_change) VALUES ((SELECT coalesce(max(operation.id), 0) + 1 AS anon_1 FROM operation), %(kind)s::TEXT, %(idempotency_key)s::TEXT, %(actor)s::TEXT, %(recorded_at)s::TEXT COLLATE \"C\", %(reason)s::TEXT, %(ref)s::TEXT, %(file_hash)s::TEXT, CASE WHEN (%(movements)s::BIGINT > 0) THEN (SELECT coalesce(max(movement.id), 0) + 1 AS anon_2 FROM movement) END, CASE WHEN (%(movements)s::BIGINT > 0) THEN ((SELECT coalesce(max(movement.id), 0) + 1 AS anon_2 FROM movement) + %(movements)s::BIGINT) - 1 END, CASE WHEN (%(changes)s::BIGINT > 0) THEN (SELECT coalesce(max(change.id), 0) + 1 AS anon_3 FROM change) END, CASE WHEN (%(changes)s::BIGINT > 0) THEN ((SELECT coalesce(max(change.id), 0) + 1 AS anon_3 FROM change) + %(changes)s::BIGINT) - 1 END) RETURNING operation.id, coalesce(operation.first_movement, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_2 FROM movement)) AS coalesce_1, coalesce(operation.first_change, (SELECT coalesce(max(change.id), 0) + 1 AS anon_3 FROM change)) AS coalesce_2",
    ("kind", "idempotency_key", "actor", "recorded_at", "reason", "ref", "file_hash", "movements", "movements", "movements", "changes", "changes", "changes",),
)

CLOSE = Text(
    "UPDATE operation SET first_movement=?, last_movement=?, first_change=?, last_change=? WHERE operation.id = ?",
    "UPDATE operation SET first_movement=%(first_movement)s::BIGINT, last_movement=%(last_movement)s::BIGINT, first_change=%(first_change)s::BIGINT, last_change=%(last_change)s::BIGINT WHERE operation.id = %(operation)s::BIGINT",
    ("first_movement", "last_movement", "first_change", "last_change", "operation",),
)

CONCLUDE = Text(
    "UPDATE operation SET request_hash=?, result=? WHERE operation.id = ?",
    "UPDATE operation SET request_hash=%(request_hash)s::TEXT, result=%(result)s::TEXT WHERE operation.id = %(operation)s::BIGINT",
    ("request_hash", "result", "operation",),
)

EARLIER = Text(
    "SELECT operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key = ? AND operation.result IS NOT NULL",
    "SELECT operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key = %(key)s::TEXT AND operation.result IS NOT NULL",
    ("key",),
)

EARLIER_AMONG = Text(
    "SELECT operation.idempotency_key, operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key IN (SELECT given.value FROM json_each(?) AS given) AND operation.result IS NOT NULL",
    "SELECT operation.idempotency_key, operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key IN (SELECT given.value FROM json_array_elements_text(CAST(%(keys)s AS JSON)) AS given) AND operation.result IS NOT NULL",
    ("keys",),
)

ENTER_EACH = Text(
    "INSERT INTO operation (id, kind, idempotency_key, request_hash, result, actor, recorded_at, reason, ref, first_movement, last_movement, first_change, last_change) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO operation (id, kind, idempotency_key, request_hash, result, actor, recorded_at, reason, ref, first_movement, last_movement, first_change, last_change) SELECT anon_1.id, anon_1.kind, anon_1.idempotency_key, anon_1.request_hash, anon_1.result, anon_1.actor, anon_1.recorded_at, anon_1.reason, anon_1.ref, anon_1.first_movement, anon_1.last_movement, anon_1.first_change, anon_1.last_change FROM unnest(%(id)s::BIGINT[], %(kind)s::TEXT[], %(idempotency_key)s::TEXT[], %(request_hash)s::TEXT[], %(result)s::TEXT[], %(actor)s::TEXT[], %(recorded_at)s::TEXT[], %(reason)s::TEXT[], %(ref)s::TEXT[], %(first_movement)s::BIGINT[], %(last_movement)s::BIGINT[], %(first_change)s::BIGINT[], %(last_change)s::BIGINT[]) AS anon_1(id, kind, idempotency_key, request_hash, result, actor, recorded_at, reason, ref, first_movement, last_movement, first_change, last_change)",
    ("id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at", "reason", "ref", "first_movement", "last_movement", "first_change", "last_change",),
)

LOCK_OPERATION = Text(
    "SELECT operation.id, operation.kind, operation.reason, operation.ref, operation.first_movement, operation.last_movement, operation.first_change, operation.last_change FROM operation WHERE operation.id = ?",
    "SELECT operation.id, operation.kind, operation.reason, operation.ref, operation.first_movement, operation.last_movement, operation.first_change, operation.last_change FROM operation WHERE operation.id = %(operation)s::BIGINT FOR UPDATE",
    ("operation",),
)

NEWEST_OF = Text(
    "SELECT operation.id FROM operation WHERE operation.actor = ? AND (operation.kind NOT IN ('undo', 'release', 'extend', 'expire', 'cancel', 'code', 'place', 'repair')) AND (operation.first_movement IS NOT NULL OR operation.first_change IS NOT NULL) AND operation.undone = 0 AND ((operation.kind NOT IN ('hold', 'expect')) OR operation.id IN (SELECT promise.made_by FROM promise WHERE promise.closed_by IS NULL) AND NOT (EXISTS (SELECT * FROM promise WHERE promise.made_by = operation.id AND promise.closed_by IS NOT NULL))) ORDER BY operation.id DESC LIMIT 1 OFFSET 0",
    "SELECT operation.id FROM operation WHERE operation.actor = %(actor)s::TEXT AND (operation.kind NOT IN ('undo', 'release', 'extend', 'expire', 'cancel', 'code', 'place', 'repair')) AND (operation.first_movement IS NOT NULL OR operation.first_change IS NOT NULL) AND operation.undone = 0 AND ((operation.kind NOT IN ('hold', 'expect')) OR operation.id IN (SELECT promise.made_by FROM promise WHERE promise.closed_by IS NULL) AND NOT (EXISTS (SELECT * FROM promise WHERE promise.made_by = operation.id AND promise.closed_by IS NOT NULL))) ORDER BY operation.id DESC LIMIT 1 OFFSET 0",
    ("actor",),
)

SAME_FILE = Text(
    "SELECT max(operation.id) AS max_1 FROM operation WHERE operation.file_hash = ? AND operation.recorded_at >= ? AND operation.undone = 0 HAVING max(operation.id) IS NOT NULL",
    "SELECT max(operation.id) AS max_1 FROM operation WHERE operation.file_hash = %(file_hash)s::TEXT AND operation.recorded_at >= %(since)s::TEXT COLLATE \"C\" AND operation.undone = 0 HAVING max(operation.id) IS NOT NULL",
    ("file_hash", "since",),
)

UNDONE_BY = Text(
    "SELECT operation.id FROM operation WHERE operation.reverses_id = ?",
    "SELECT operation.id FROM operation WHERE operation.reverses_id = %(operation)s::BIGINT",
    ("operation",),
)

FLIP = Text(
    "UPDATE operation SET undone=(1 - operation.undone) WHERE operation.id = ? RETURNING reverses_id",
    "UPDATE operation SET undone=(1 - operation.undone) WHERE operation.id = %(operation)s::BIGINT RETURNING operation.reverses_id",
    ("operation",),
)

REVERSES = Text(
    "UPDATE operation SET reverses_id=? WHERE operation.id = ?",
    "UPDATE operation SET reverses_id=%(undone)s::BIGINT WHERE operation.id = %(operation)s::BIGINT",
    ("undone", "operation",),
)

ADD_MOVEMENT = Text(
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) VALUES (%(id)s::BIGINT, %(operation_id)s::BIGINT, %(product_id)s::BIGINT, %(delta)s::BIGINT, %(quantity)s::BIGINT, %(reason)s::TEXT, %(ref)s::TEXT, %(note)s::TEXT, %(occurred_at)s::TEXT COLLATE \"C\")",
    ("id", "operation_id", "product_id", "delta", "quantity", "reason", "ref", "note", "occurred_at",),
)

APPEND_EACH = Text(
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at, pot_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at, pot_id) SELECT anon_1.id, anon_1.operation_id, anon_1.product_id, anon_1.delta, anon_1.quantity, anon_1.reason, anon_1.ref, anon_1.note, anon_1.occurred_at, anon_1.pot_id FROM unnest(%(id)s::BIGINT[], %(operation_id)s::BIGINT[], %(product_id)s::BIGINT[], %(delta)s::BIGINT[], %(quantity)s::BIGINT[], %(reason)s::TEXT[], %(ref)s::TEXT[], %(note)s::TEXT[], %(occurred_at)s::TEXT[], %(pot_id)s::BIGINT[]) AS anon_1(id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at, pot_id)",
    ("id", "operation_id", "product_id", "delta", "quantity", "reason", "ref", "note", "occurred_at", "pot_id",),
)

LATEST_MOVEMENT = Text(
    "SELECT coalesce(max(movement.id), 0) AS coalesce_1 FROM movement",
    "SELECT coalesce(max(movement.id), 0) AS coalesce_1 FROM movement",
    (),
)

MOVEMENTS_OF_PRODUCT = Text(
    "SELECT count(*) AS count_1 FROM movement WHERE movement.product_id = ?",
    "SELECT count(*) AS count_1 FROM movement WHERE movement.product_id = %(product)s::BIGINT",
    ("product",),
)

BALANCES_BEFORE = Text(
    "SELECT movement.product_id, movement.quantity FROM movement WHERE movement.id IN (SELECT max(movement.id) AS max_1 FROM movement WHERE movement.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) AND movement.operation_id < ? GROUP BY movement.product_id)",
    "SELECT movement.product_id, movement.quantity FROM movement WHERE movement.id IN (SELECT max(movement.id) AS max_1 FROM movement WHERE movement.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) AND movement.operation_id < %(operation)s::BIGINT GROUP BY movement.product_id)",
    ("products", "operation",),
)

MOVED_SINCE = Text(
    "SELECT CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement WHERE movement.product_id = ? AND movement.occurred_at > ?",
    "SELECT CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement WHERE movement.product_id = %(product)s::BIGINT AND movement.occurred_at > %(moment)s::TEXT COLLATE \"C\"",
    ("product", "moment",),
)

MOVEMENTS_AFTER = Text(
    "SELECT movement.product_id, movement.occurred_at, movement.delta, movement.pot_id FROM movement WHERE movement.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) AND movement.occurred_at > ?",
    "SELECT movement.product_id, movement.occurred_at, movement.delta, movement.pot_id FROM movement WHERE movement.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) AND movement.occurred_at > %(moment)s::TEXT COLLATE \"C\"",
    ("products", "moment",),
)

DELTAS = Text(
    "SELECT movement.delta, product.sku, movement.reason, movement.ref, movement.pot_id FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN ? AND ? ORDER BY movement.delta, movement.id",
    "SELECT movement.delta, product.sku, movement.reason, movement.ref, movement.pot_id FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN %(first)s::BIGINT AND %(last)s::BIGINT ORDER BY movement.delta, movement.id",
    ("first", "last",),
)

SUMS = Text(
    "SELECT product.id, product.sku, movement.pot_id, CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN ? AND ? GROUP BY product.id, product.sku, movement.pot_id ORDER BY product.id",
    "SELECT product.id, product.sku, movement.pot_id, CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN %(first)s::BIGINT AND %(last)s::BIGINT GROUP BY product.id, product.sku, movement.pot_id ORDER BY product.id",
    ("first", "last",),
)

DOUBTFUL_SUMS = Text(
    "SELECT product.id, product.sku, movement.pot_id, CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN ? AND ? AND product.id IN (SELECT product.id FROM (SELECT movement.product_id AS product_id, CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS delta, count(movement.pot_id) AS in_pots FROM movement WHERE movement.id BETWEEN ? AND ? GROUP BY movement.product_id) AS moved JOIN product ON product.id = moved.product_id WHERE product.quantity - moved.delta < product.held OR product.placed > 0 OR moved.in_pots > 0 OR product.archived_at IS NOT NULL) GROUP BY product.id, product.sku, movement.pot_id ORDER BY product.id",
    "SELECT product.id, product.sku, movement.pot_id, CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement JOIN product ON product.id = movement.product_id WHERE movement.id BETWEEN %(first)s::BIGINT AND %(last)s::BIGINT AND product.id IN (SELECT product.id FROM (SELECT movement.product_id AS product_id, CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS delta, count(movement.pot_id) AS in_pots FROM movement WHERE movement.id BETWEEN %(first)s::BIGINT AND %(last)s::BIGINT GROUP BY movement.product_id) AS moved JOIN product ON product.id = moved.product_id WHERE product.quantity - moved.delta < product.held OR product.placed > 0 OR moved.in_pots > 0 OR product.archived_at IS NOT NULL) GROUP BY product.id, product.sku, movement.pot_id ORDER BY product.id",
    ("first", "last", "first", "last",),
)

ENTER_POSTED = Text(
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at, reason, ref, file_hash, first_movement, last_movement) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(movement.id), 0) + 1 AS id FROM movement), (SELECT coalesce(max(movement.id), 0) + 1 AS id FROM movement)) RETURNING id, first_movement",
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at, reason, ref, file_hash, first_movement, last_movement) VALUES ((SELECT coalesce(max(operation.id), 0) + 1 AS anon_1 FROM operation), %(kind)s::TEXT, %(idempotency_key)s::TEXT, %(actor)s::TEXT, %(recorded_at)s::TEXT COLLATE \"C\", %(reason)s::TEXT, %(ref)s::TEXT, %(file_hash)s::TEXT, (SELECT coalesce(max(movement.id), 0) + 1 AS id FROM movement), (SELECT coalesce(max(movement.id), 0) + 1 AS id FROM movement)) RETURNING operation.id, operation.first_movement",
    ("kind", "idempotency_key", "actor", "recorded_at", "reason", "ref", "file_hash",),
)

LOCK_TO_POST = Text(
    "",
    "SELECT setting.value FROM setting, product WHERE product.sku = %(sku)s::TEXT COLLATE \"C\" AND product.archived_at IS NULL AND product.quantity + %(by)s::BIGINT BETWEEN product.held + %(held_by)s::BIGINT AND 9007199254740991 AND product.held + %(held_by)s::BIGINT >= 0 AND product.placed + %(placed_by)s::BIGINT BETWEEN 0 AND product.quantity + %(by)s::BIGINT AND setting.name = 'schema_version' FOR NO KEY UPDATE OF product, setting",
    (),
)

POST = Text(
    "",
    "WITH moved AS (UPDATE product SET quantity=(product.quantity + %(by)s::BIGINT), updated_at=%(now)s::TEXT COLLATE \"C\", held=(product.held + %(held_by)s::BIGINT), placed=(product.placed + %(placed_by)s::BIGINT) WHERE product.sku = %(sku)s::TEXT COLLATE \"C\" AND product.archived_at IS NULL AND product.quantity + %(by)s::BIGINT BETWEEN product.held + %(held_by)s::BIGINT AND 9007199254740991 AND product.held + %(held_by)s::BIGINT >= 0 AND product.placed + %(placed_by)s::BIGINT BETWEEN 0 AND product.quantity + %(by)s::BIGINT RETURNING product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point), entered AS (INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at, reason, ref, file_hash, first_movement, last_movement) SELECT (SELECT coalesce(max(operation.id), 0) + 1 AS anon_7 FROM operation) AS anon_6, %(kind)s::TEXT AS anon_8, %(idempotency_key)s::TEXT AS anon_9, %(actor)s::TEXT AS anon_10, %(recorded_at)s::TEXT COLLATE \"C\" AS anon_11, %(reason)s::TEXT AS anon_12, %(ref)s::TEXT AS anon_13, %(file_hash)s::TEXT AS anon_14, next.id AS id, next.id AS id__1 FROM moved, (SELECT coalesce(max(movement.id), 0) + 1 AS id FROM movement) AS next RETURNING operation.id, operation.first_movement), noted AS (INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) SELECT entered.first_movement AS first_movement, entered.id AS id, moved.id AS id_1, %(by)s::BIGINT AS anon_1, moved.quantity AS quantity, %(reason)s::TEXT AS anon_2, %(ref)s::TEXT AS anon_3, %(note)s::TEXT AS anon_4, %(occurred_at)s::TEXT COLLATE \"C\" AS anon_5 FROM entered, moved) SELECT moved.id, moved.sku, moved.quantity, moved.held, moved.placed, moved.reorder_point, entered.id AS id_2, entered.first_movement FROM moved, entered",
    (),
)

ADD_CHANGE = Text(
    "INSERT INTO change (id, operation_id, product_id, sku, field, \"before\", \"after\", occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO change (id, operation_id, product_id, sku, field, before, after, occurred_at) VALUES (%(id)s::BIGINT, %(operation_id)s::BIGINT, %(product_id)s::BIGINT, %(sku)s::TEXT COLLATE \"C\", %(field)s::TEXT, %(before)s::TEXT, %(after)s::TEXT, %(occurred_at)s::TEXT COLLATE \"C\")",
    ("id", "operation_id", "product_id", "sku", "field", "before", "after", "occurred_at",),
)

ADD_CHANGE_EACH = Text(
    "INSERT INTO change (id, operation_id, product_id, sku, field, \"before\", \"after\", occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO change (id, operation_id, product_id, sku, field, before, after, occurred_at) SELECT anon_1.id, anon_1.operation_id, anon_1.product_id, anon_1.sku, anon_1.field, anon_1.before, anon_1.after, anon_1.occurred_at FROM unnest(%(id)s::BIGINT[], %(operation_id)s::BIGINT[], %(product_id)s::BIGINT[], %(sku)s::TEXT[], %(field)s::TEXT[], %(before)s::TEXT[], %(after)s::TEXT[], %(occurred_at)s::TEXT[]) AS anon_1(id, operation_id, product_id, sku, field, before, after, occurred_at)",
    ("id", "operation_id", "product_id", "sku", "field", "before", "after", "occurred_at",),
)

CHANGES_OF_RUN = Text(
    "SELECT change.product_id, change.sku, change.field, change.\"before\", change.\"after\", change.occurred_at FROM change WHERE change.id BETWEEN ? AND ? ORDER BY change.id DESC",
    "SELECT change.product_id, change.sku, change.field, change.before, change.after, change.occurred_at FROM change WHERE change.id BETWEEN %(first)s::BIGINT AND %(last)s::BIGINT ORDER BY change.id DESC",
    ("first", "last",),
)

LAST_COUNT = Text(
    "SELECT change.operation_id, change.occurred_at FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id = ? ORDER BY change.occurred_at DESC, change.id DESC LIMIT 1 OFFSET 0",
    "SELECT change.operation_id, change.occurred_at FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id = %(product)s::BIGINT ORDER BY change.occurred_at DESC, change.id DESC LIMIT 1 OFFSET 0",
    ("product",),
)

LAST_COUNT_IN_POT = Text(
    "SELECT change.operation_id, change.occurred_at FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id = ? AND (change.field = 'counted' OR change.field = ?) ORDER BY change.occurred_at DESC, change.id DESC LIMIT 1 OFFSET 0",
    "SELECT change.operation_id, change.occurred_at FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id = %(product)s::BIGINT AND (change.field = 'counted' OR change.field = %(field)s::TEXT) ORDER BY change.occurred_at DESC, change.id DESC LIMIT 1 OFFSET 0",
    ("product", "field",),
)

LAST_COUNTS = Text(
    "SELECT change.product_id, max(change.occurred_at) AS max_1 FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) GROUP BY change.product_id",
    "SELECT change.product_id, max(change.occurred_at) AS max_1 FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) GROUP BY change.product_id",
    ("products",),
)

LAST_COUNTS_IN_POTS = Text(
    "SELECT change.product_id, change.field, max(change.occurred_at) AS max_1 FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) GROUP BY change.product_id, change.field",
    "SELECT change.product_id, change.field, max(change.occurred_at) AS max_1 FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) GROUP BY change.product_id, change.field",
    ("products",),
)

COUNTED_AFTER = Text(
    "SELECT change.product_id, change.sku, change.operation_id FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.id >= (SELECT min(operation.first_change) AS min_1 FROM operation WHERE operation.id > ?) ORDER BY change.id",
    "SELECT change.product_id, change.sku, change.operation_id FROM change JOIN operation ON operation.id = change.operation_id WHERE substr(change.field, 1, 7) = 'counted' AND operation.undone = 0 AND change.id >= (SELECT min(operation.first_change) AS min_1 FROM operation WHERE operation.id > %(operation)s::BIGINT) ORDER BY change.id",
    ("operation",),
)

CREATION_UNDONE = Text(
    "SELECT operation.undone FROM change JOIN operation ON operation.id = change.operation_id WHERE change.product_id = ? AND change.field = 'sku' AND change.\"before\" IS NULL ORDER BY change.id DESC LIMIT 1 OFFSET 0",
    "SELECT operation.undone FROM change JOIN operation ON operation.id = change.operation_id WHERE change.product_id = %(product)s::BIGINT AND change.field = 'sku' AND change.before IS NULL ORDER BY change.id DESC LIMIT 1 OFFSET 0",
    ("product",),
)

RENAMED = Text(
    "SELECT product.sku FROM change JOIN product ON product.id = change.product_id WHERE change.field = 'sku' AND change.\"before\" = ? ORDER BY change.id DESC LIMIT 1 OFFSET 0",
    "SELECT product.sku FROM change JOIN product ON product.id = change.product_id WHERE change.field = 'sku' AND change.before = %(sku)s::TEXT ORDER BY change.id DESC LIMIT 1 OFFSET 0",
    ("sku",),
)

CHANGE_RECORDS = Text(
    "SELECT change.sku, change.field, change.\"before\", change.\"after\" FROM operation JOIN change ON change.id BETWEEN operation.first_change AND operation.last_change WHERE operation.id = ? ORDER BY change.id",
    "SELECT change.sku, change.field, change.before, change.after FROM operation JOIN change ON change.id BETWEEN operation.first_change AND operation.last_change WHERE operation.id = %(operation)s::BIGINT ORDER BY change.id",
    ("operation",),
)

EXPECTED = Text(
    "SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = ?",
    "SELECT CAST(coalesce(sum(promise.amount - promise.taken), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'delivery' AND promise.closed_by IS NULL AND promise.product_id = %(product)s::BIGINT",
    ("product",),
)

ANY_OPEN = Text(
    "SELECT promise.id FROM promise WHERE promise.closed_by IS NULL LIMIT 1 OFFSET 0",
    "SELECT promise.id FROM promise WHERE promise.closed_by IS NULL LIMIT 1 OFFSET 0",
    (),
)

CLOCK = Text(
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS strftime_1",
    "SELECT to_char(timezone('utc', clock_timestamp()), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS to_char_1",
    (),
)

OVERDUE = Text(
    "SELECT CAST(coalesce(sum(promise.amount), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= ? AND promise.product_id = ?",
    "SELECT CAST(coalesce(sum(promise.amount), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= %(now)s::TEXT COLLATE \"C\" AND promise.product_id = %(product)s::BIGINT",
    ("now", "product",),
)

PROMISE = Text(
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.id = ? ORDER BY promise.id",
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.id = %(promise)s::BIGINT ORDER BY promise.id",
    ("promise",),
)

PROMISES_OF_REF = Text(
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.kind = ? AND promise.ref = ? AND promise.closed_by IS NULL ORDER BY promise.id",
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.kind = %(kind)s::TEXT AND promise.ref = %(ref)s::TEXT AND promise.closed_by IS NULL ORDER BY promise.id",
    ("kind", "ref",),
)

PROMISES_MADE_BY = Text(
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.made_by = ? ORDER BY promise.id",
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.made_by = %(operation)s::BIGINT ORDER BY promise.id",
    ("operation",),
)

PROMISES_RUN_OUT = Text(
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.product_id = ? AND promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= ? ORDER BY promise.id",
    "SELECT promise.id, promise.kind, promise.product_id, product.sku, promise.amount, promise.taken, promise.due_at, promise.reason, promise.ref, closer.kind AS closed_as, product.placed FROM promise JOIN product ON product.id = promise.product_id LEFT OUTER JOIN operation AS closer ON closer.id = promise.closed_by WHERE promise.product_id = %(product)s::BIGINT AND promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= %(now)s::TEXT COLLATE \"C\" ORDER BY promise.id",
    ("product", "now",),
)

LOCK_PROMISED = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.id IN (SELECT promise.product_id FROM promise WHERE promise.id = %(promise)s::BIGINT) ORDER BY product.id FOR UPDATE) AS anon_1",
    (),
)

LOCK_PROMISED_TO = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.id IN (SELECT promise.product_id FROM promise WHERE promise.kind = %(kind)s::TEXT AND promise.ref = %(ref)s::TEXT AND promise.closed_by IS NULL) ORDER BY product.id FOR UPDATE) AS anon_1",
    (),
)

NEXT_PROMISE = Text(
    "SELECT coalesce(max(promise.id), 0) + 1 AS anon_1 FROM promise",
    "SELECT coalesce(max(promise.id), 0) + 1 AS anon_1 FROM promise",
    (),
)

ADD_PROMISE = Text(
    "INSERT INTO promise (id, kind, product_id, amount, taken, due_at, reason, ref, note, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO promise (id, kind, product_id, amount, taken, due_at, reason, ref, note, made_by) VALUES (%(id)s::BIGINT, %(kind)s::TEXT, %(product_id)s::BIGINT, %(amount)s::BIGINT, %(taken)s::BIGINT, %(due_at)s::TEXT COLLATE \"C\", %(reason)s::TEXT, %(ref)s::TEXT, %(note)s::TEXT, %(made_by)s::BIGINT)",
    ("id", "kind", "product_id", "amount", "taken", "due_at", "reason", "ref", "note", "made_by",),
)

CLOSE_PROMISE = Text(
    "UPDATE promise SET taken=?, closed_by=? WHERE promise.id = ? AND promise.closed_by IS NULL RETURNING id",
    "UPDATE promise SET taken=%(taken)s::BIGINT, closed_by=%(closed_by)s::BIGINT WHERE promise.id = %(promise)s::BIGINT AND promise.closed_by IS NULL RETURNING promise.id",
    ("taken", "closed_by", "promise",),
)

TAKE_PART = Text(
    "UPDATE promise SET taken=? WHERE promise.id = ? AND promise.closed_by IS NULL RETURNING id",
    "UPDATE promise SET taken=%(taken)s::BIGINT WHERE promise.id = %(promise)s::BIGINT AND promise.closed_by IS NULL RETURNING promise.id",
    ("taken", "promise",),
)

EXTEND = Text(
    "UPDATE promise SET due_at=? WHERE promise.id = ? AND promise.closed_by IS NULL RETURNING id",
    "UPDATE promise SET due_at=%(due_at)s::TEXT COLLATE \"C\" WHERE promise.id = %(promise)s::BIGINT AND promise.closed_by IS NULL RETURNING promise.id",
    ("due_at", "promise",),
)

EXPIRE = Text(
    "UPDATE promise SET closed_by=? WHERE promise.product_id = ? AND promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= ?",
    "UPDATE promise SET closed_by=%(closed_by)s::BIGINT WHERE promise.product_id = %(product)s::BIGINT AND promise.kind = 'hold' AND promise.closed_by IS NULL AND promise.due_at <= %(now)s::TEXT COLLATE \"C\"",
    ("closed_by", "product", "now",),
)

FIRST_DUE = Text(
    "SELECT min(promise.due_at) AS min_1 FROM promise WHERE promise.product_id = ? AND promise.kind = 'hold' AND promise.closed_by IS NULL",
    "SELECT min(promise.due_at) AS min_1 FROM promise WHERE promise.product_id = %(product)s::BIGINT AND promise.kind = 'hold' AND promise.closed_by IS NULL",
    ("product",),
)

PROMISES_OF_PRODUCT = Text(
    "SELECT count(*) AS count_1 FROM promise WHERE promise.product_id = ?",
    "SELECT count(*) AS count_1 FROM promise WHERE promise.product_id = %(product)s::BIGINT",
    ("product",),
)

CLOSED_A_PROMISE = Text(
    "SELECT promise.id FROM promise WHERE promise.closed_by = ? LIMIT 1 OFFSET 0",
    "SELECT promise.id FROM promise WHERE promise.closed_by = %(operation)s::BIGINT LIMIT 1 OFFSET 0",
    ("operation",),
)

EXPIRED = Text(
    "SELECT promise.closed_by, min(product.sku) AS min_1, count(*) AS count_1, count(DISTINCT promise.product_id) AS count_2 FROM promise JOIN product ON product.id = promise.product_id WHERE promise.closed_by IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) GROUP BY promise.closed_by",
    "SELECT promise.closed_by, min(product.sku) AS min_1, count(*) AS count_1, count(DISTINCT promise.product_id) AS count_2 FROM promise JOIN product ON product.id = promise.product_id WHERE promise.closed_by IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(operations)s AS JSON)) AS given) GROUP BY promise.closed_by",
    ("operations",),
)

CODED = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.\"key\" FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" = ?",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.key FROM code JOIN product ON product.id = code.product_id WHERE code.key = %(key)s::TEXT COLLATE \"C\"",
    ("key",),
)

LOCK_CODED = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.\"key\" FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" = ?",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.key FROM code JOIN product ON product.id = code.product_id WHERE code.key = %(key)s::TEXT COLLATE \"C\" FOR UPDATE OF product",
    ("key",),
)

CODED_AMONG = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.\"key\" FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" IN (SELECT given.value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.key FROM code JOIN product ON product.id = code.product_id WHERE code.key IN (SELECT given.value FROM json_array_elements_text(CAST(%(keys)s AS JSON)) AS given) ORDER BY product.id",
    ("keys",),
)

LOCK_CODED_AMONG = Text(
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.\"key\" FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" IN (SELECT given.value FROM json_each(?) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.held, product.placed, product.reorder_point, product.archived_at, code.units, code.key FROM code JOIN product ON product.id = code.product_id WHERE code.key IN (SELECT given.value FROM json_array_elements_text(CAST(%(keys)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE OF product",
    ("keys",),
)

ANY_CODE = Text(
    "SELECT code.\"key\" FROM code LIMIT 1 OFFSET 0",
    "SELECT code.key FROM code LIMIT 1 OFFSET 0",
    (),
)

CODE = Text(
    "SELECT code.\"key\", code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" = ?",
    "SELECT code.key, code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE code.key = %(key)s::TEXT COLLATE \"C\"",
    ("key",),
)

CODES_AMONG = Text(
    "SELECT code.\"key\", code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE code.\"key\" IN (SELECT given.value FROM json_each(?) AS given)",
    "SELECT code.key, code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE code.key IN (SELECT given.value FROM json_array_elements_text(CAST(%(keys)s AS JSON)) AS given)",
    ("keys",),
)

CODES_OF_PRODUCT = Text(
    "SELECT code.\"key\", code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE product.id = ? ORDER BY code.code",
    "SELECT code.key, code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id WHERE product.id = %(product)s::BIGINT ORDER BY code.code",
    ("product",),
)

CODES = Text(
    "SELECT code.\"key\", code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id ORDER BY product.sku, code.code",
    "SELECT code.key, code.code, product.sku, code.units, product.id FROM code JOIN product ON product.id = code.product_id ORDER BY product.sku, code.code",
    (),
)

ADD_CODE = Text(
    "INSERT INTO code (\"key\", code, product_id, units) VALUES (?, ?, ?, ?)",
    "INSERT INTO code (key, code, product_id, units) VALUES (%(key)s::TEXT COLLATE \"C\", %(code)s::TEXT COLLATE \"C\", %(product_id)s::BIGINT, %(units)s::BIGINT)",
    ("key", "code", "product_id", "units",),
)

ADD_CODE_EACH = Text(
    "INSERT INTO code (\"key\", code, product_id, units) VALUES (?, ?, ?, ?)",
    "INSERT INTO code (key, code, product_id, units) SELECT anon_1.key, anon_1.code, anon_1.product_id, anon_1.units FROM unnest(%(key)s::TEXT[], %(code)s::TEXT[], %(product_id)s::BIGINT[], %(units)s::BIGINT[]) AS anon_1(key, code, product_id, units)",
    ("key", "code", "product_id", "units",),
)

REMOVE_CODE = Text(
    "DELETE FROM code WHERE code.\"key\" = ?",
    "DELETE FROM code WHERE code.key = %(key)s::TEXT COLLATE \"C\"",
    ("key",),
)

REMOVE_CODES = Text(
    "DELETE FROM code WHERE code.product_id = ?",
    "DELETE FROM code WHERE code.product_id = %(product)s::BIGINT",
    ("product",),
)

CODED_SKUS = Text(
    "SELECT code.code, product.sku FROM code JOIN product ON product.sku = code.\"key\" ORDER BY product.sku",
    "SELECT code.code, product.sku FROM code JOIN product ON product.sku = code.key ORDER BY product.sku",
    (),
)

TO_SEARCH = Text(
    "",
    "SELECT product.id, product.sku, product.name, product.description, (SELECT string_agg(code.code, E'\\n') AS string_agg_1 FROM code WHERE code.product_id = product.id) AS anon_1 FROM product",
    (),
)

FIND_PLACE = Text(
    "SELECT place.id, place.removed_at FROM place WHERE place.name = ?",
    "SELECT place.id, place.removed_at FROM place WHERE place.name = %(name)s::TEXT COLLATE \"C\"",
    ("name",),
)

NEXT_PLACE = Text(
    "SELECT coalesce(max(place.id), 0) + 1 AS anon_1 FROM place",
    "SELECT coalesce(max(place.id), 0) + 1 AS anon_1 FROM place",
    (),
)

PLACE_NAMES = Text(
    "SELECT place.name FROM place WHERE place.removed_at IS NULL ORDER BY place.name",
    "SELECT place.name FROM place WHERE place.removed_at IS NULL ORDER BY place.name",
    (),
)

ADD_PLACE = Text(
    "INSERT INTO place (id, name) VALUES (?, ?)",
    "INSERT INTO place (id, name) SELECT anon_1.id, anon_1.name FROM unnest(%(id)s::BIGINT[], %(name)s::TEXT[]) AS anon_1(id, name)",
    ("id", "name",),
)

REVIVE_PLACE = Text(
    "UPDATE place SET removed_at=NULL WHERE place.id = ?",
    "UPDATE place SET removed_at=NULL WHERE place.id = %(place)s::BIGINT",
    ("place",),
)

PLACES_INSIDE = Text(
    "SELECT place.id, place.name, place.removed_at FROM place WHERE place.name = ? OR place.name >= ? AND place.name < ? ORDER BY place.id",
    "SELECT place.id, place.name, place.removed_at FROM place WHERE place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT ORDER BY place.id",
    ("name", "first", "end",),
)

NAME_PLACES = Text(
    "UPDATE place SET name=?, removed_at=? WHERE place.id = ?",
    "UPDATE place SET name=anon_1.new_name, removed_at=anon_1.gone FROM unnest(%(new_name)s::TEXT[], %(gone)s::TEXT[], %(place)s::BIGINT[]) AS anon_1(new_name, gone, place) WHERE place.id = anon_1.place",
    ("new_name", "gone", "place",),
)

TOTALS_IN = Text(
    "SELECT count(DISTINCT pot.product_id) AS count_1, CAST(coalesce(sum(pot.quantity), 0) AS INTEGER) AS coalesce_1 FROM pot WHERE pot.place_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) AND pot.quantity > 0",
    "SELECT count(DISTINCT pot.product_id) AS count_1, CAST(coalesce(sum(pot.quantity), 0) AS BIGINT) AS coalesce_1 FROM pot WHERE pot.place_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(places)s AS JSON)) AS given) AND pot.quantity > 0",
    ("places",),
)

POTS_OF = Text(
    "SELECT pot.id, pot.product_id, place.name, pot.lot, lot.expires_on, pot.quantity FROM pot JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given) ORDER BY pot.product_id, lot.expires_on IS NULL, lot.expires_on, pot.id",
    "SELECT pot.id, pot.product_id, place.name, pot.lot, lot.expires_on, pot.quantity FROM pot JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.product_id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(products)s AS JSON)) AS given) ORDER BY pot.product_id, lot.expires_on IS NULL, lot.expires_on, pot.id",
    ("products",),
)

NEXT_POT = Text(
    "SELECT coalesce(max(pot.id), 0) + 1 AS anon_1 FROM pot",
    "SELECT coalesce(max(pot.id), 0) + 1 AS anon_1 FROM pot",
    (),
)

ADD_POT = Text(
    "INSERT INTO pot (id, product_id, place_id, lot, quantity) VALUES (?, ?, ?, ?, ?)",
    "INSERT INTO pot (id, product_id, place_id, lot, quantity) SELECT anon_1.id, anon_1.product_id, anon_1.place_id, anon_1.lot, anon_1.quantity FROM unnest(%(id)s::BIGINT[], %(product_id)s::BIGINT[], %(place_id)s::BIGINT[], %(lot)s::TEXT[], %(quantity)s::BIGINT[]) AS anon_1(id, product_id, place_id, lot, quantity)",
    ("id", "product_id", "place_id", "lot", "quantity",),
)

ADD_LOT = Text(
    "INSERT INTO lot (product_id, lot, expires_on) VALUES (?, ?, ?)",
    "INSERT INTO lot (product_id, lot, expires_on) SELECT anon_1.product_id, anon_1.lot, anon_1.expires_on FROM unnest(%(product_id)s::BIGINT[], %(lot)s::TEXT[], %(expires_on)s::TEXT[]) AS anon_1(product_id, lot, expires_on)",
    ("product_id", "lot", "expires_on",),
)

DATE_LOT = Text(
    "UPDATE lot SET expires_on=? WHERE lot.product_id = ? AND lot.lot = ?",
    "UPDATE lot SET expires_on=%(expires_on)s::TEXT COLLATE \"C\" WHERE lot.product_id = %(product)s::BIGINT AND lot.lot = %(name)s::TEXT COLLATE \"C\"",
    ("expires_on", "product", "name",),
)

FILL_POT = Text(
    "UPDATE pot SET quantity=(pot.quantity + ?) WHERE pot.id = ? AND pot.quantity + ? BETWEEN 0 AND 9007199254740991 RETURNING quantity",
    "UPDATE pot SET quantity=(pot.quantity + %(by)s::BIGINT) WHERE pot.id = %(pot)s::BIGINT AND pot.quantity + %(by)s::BIGINT BETWEEN 0 AND 9007199254740991 RETURNING pot.quantity",
    ("by", "pot", "by",),
)

SETTLE_POT = Text(
    "UPDATE pot SET quantity=? WHERE pot.id = ? AND pot.quantity = ?",
    "UPDATE pot SET quantity=anon_1.now FROM unnest(%(now)s::BIGINT[], %(pot)s::BIGINT[], %(seen)s::BIGINT[]) AS anon_1(now, pot, seen) WHERE pot.id = anon_1.pot AND pot.quantity = anon_1.seen",
    ("now", "pot", "seen",),
)

DELETE_POTS = Text(
    "DELETE FROM pot WHERE pot.product_id = ?",
    "DELETE FROM pot WHERE pot.product_id = %(product)s::BIGINT",
    ("product",),
)

DELETE_LOTS = Text(
    "DELETE FROM lot WHERE lot.product_id = ?",
    "DELETE FROM lot WHERE lot.product_id = %(product)s::BIGINT",
    ("product",),
)

MOVED_IN_POT_SINCE = Text(
    "SELECT CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement WHERE movement.product_id = ? AND movement.pot_id = ? AND movement.occurred_at > ?",
    "SELECT CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement WHERE movement.product_id = %(product)s::BIGINT AND movement.pot_id = %(pot)s::BIGINT AND movement.occurred_at > %(moment)s::TEXT COLLATE \"C\"",
    ("product", "pot", "moment",),
)

CONTENTS = Text(
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON pot.product_id = +product.id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON pot.product_id = +product.id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    (),
)

CONTENTS_IN = Text(
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND (place.name = ? OR place.name >= ? AND place.name < ?) ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND (place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT) ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    ("name", "first", "end",),
)

CONTENTS_OF = Text(
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND pot.product_id = ? AND (? IS NULL OR place.name = ? OR place.name >= ? AND place.name < ?) ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND pot.product_id = %(product)s::BIGINT AND (%(name)s::TEXT IS NULL OR place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT) ORDER BY product.sku, place.name, lot.expires_on IS NULL, lot.expires_on, pot.lot",
    ("product", "name", "name", "first", "end",),
)

EXPIRING = Text(
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND lot.expires_on <= ? AND (? IS NULL OR place.name = ? OR place.name >= ? AND place.name < ?) ORDER BY lot.expires_on, product.sku, place.name, pot.lot",
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND lot.expires_on <= %(until)s::TEXT COLLATE \"C\" AND (%(name)s::TEXT IS NULL OR place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT) ORDER BY lot.expires_on, product.sku, place.name, pot.lot",
    ("until", "name", "name", "first", "end",),
)

EXPIRING_OF = Text(
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND pot.product_id = ? AND lot.expires_on <= ? AND (? IS NULL OR place.name = ? OR place.name >= ? AND place.name < ?) ORDER BY lot.expires_on, product.sku, place.name, pot.lot",
    "SELECT product.sku, product.name, place.name AS name_1, nullif(pot.lot, '') AS lot, lot.expires_on, pot.quantity FROM pot JOIN product ON product.id = pot.product_id JOIN place ON place.id = pot.place_id LEFT OUTER JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot WHERE pot.quantity > 0 AND pot.product_id = %(product)s::BIGINT AND lot.expires_on <= %(until)s::TEXT COLLATE \"C\" AND (%(name)s::TEXT IS NULL OR place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT) ORDER BY lot.expires_on, product.sku, place.name, pot.lot",
    ("product", "until", "name", "name", "first", "end",),
)

UNPLACED = Text(
    "SELECT product.sku, product.name, NULL AS anon_1, NULL AS anon__1, NULL AS anon__2, product.quantity - product.placed AS loose FROM product WHERE product.quantity > product.placed ORDER BY product.sku",
    "SELECT product.sku, product.name, NULL AS anon_1, NULL AS anon__1, NULL AS anon__2, product.quantity - product.placed AS loose FROM product WHERE product.quantity > product.placed ORDER BY product.sku",
    (),
)

UNPLACED_OF = Text(
    "SELECT product.sku, product.name, NULL AS anon_1, NULL AS anon__1, NULL AS anon__2, product.quantity - product.placed AS loose FROM product WHERE product.quantity > product.placed AND product.id = ? ORDER BY product.sku",
    "SELECT product.sku, product.name, NULL AS anon_1, NULL AS anon__1, NULL AS anon__2, product.quantity - product.placed AS loose FROM product WHERE product.quantity > product.placed AND product.id = %(product)s::BIGINT ORDER BY product.sku",
    ("product",),
)

CONTENTS_BY_PRODUCT = Text(
    "SELECT pot.product_id, place.name, pot.quantity FROM pot JOIN place ON place.id = pot.place_id WHERE pot.quantity > 0 ORDER BY pot.product_id",
    "SELECT pot.product_id, place.name, pot.quantity FROM pot JOIN place ON place.id = pot.place_id WHERE pot.quantity > 0 ORDER BY pot.product_id",
    (),
)

CONTENTS_INSIDE = Text(
    "SELECT pot.product_id, place.name, pot.lot, product.sku FROM place JOIN pot ON pot.place_id = place.id JOIN product ON product.id = pot.product_id WHERE (place.name = ? OR place.name >= ? AND place.name < ?) AND pot.quantity > 0 AND product.archived_at IS NULL ORDER BY pot.product_id, pot.id",
    "SELECT pot.product_id, place.name, pot.lot, product.sku FROM place JOIN pot ON pot.place_id = place.id JOIN product ON product.id = pot.product_id WHERE (place.name = %(name)s::TEXT OR place.name >= %(first)s::TEXT AND place.name < %(end)s::TEXT) AND pot.quantity > 0 AND product.archived_at IS NULL ORDER BY pot.product_id, pot.id",
    ("name", "first", "end",),
)

POTS_CALLED = Text(
    "SELECT pot.id, CASE WHEN (place.name LIKE '%//%') THEN rtrim(rtrim(place.name, '0123456789'), '/') ELSE place.name END AS anon_1, pot.lot FROM pot JOIN place ON place.id = pot.place_id WHERE pot.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_each(?) AS given)",
    "SELECT pot.id, CASE WHEN (place.name LIKE '%%//%%') THEN rtrim(rtrim(place.name, '0123456789'), '/') ELSE place.name END AS anon_1, pot.lot FROM pot JOIN place ON place.id = pot.place_id WHERE pot.id IN (SELECT CAST(given.value AS BIGINT) AS value FROM json_array_elements_text(CAST(%(pots)s AS JSON)) AS given)",
    ("pots",),
)

JOURNAL = Text(
    "SELECT movement.id, movement.operation_id, movement.product_id, movement.pot_id, movement.delta, movement.quantity FROM movement ORDER BY movement.id",
    "SELECT movement.id, movement.operation_id, movement.product_id, movement.pot_id, movement.delta, movement.quantity FROM movement ORDER BY movement.id",
    (),
)

CHANGES = Text(
    "SELECT change.id, change.operation_id FROM change ORDER BY change.id",
    "SELECT change.id, change.operation_id FROM change ORDER BY change.id",
    (),
)

MOVEMENT_RUNS = Text(
    "SELECT operation.id, operation.first_movement, operation.last_movement FROM operation WHERE operation.first_movement IS NOT NULL OR operation.last_movement IS NOT NULL ORDER BY operation.id",
    "SELECT operation.id, operation.first_movement, operation.last_movement FROM operation WHERE operation.first_movement IS NOT NULL OR operation.last_movement IS NOT NULL ORDER BY operation.id",
    (),
)

CHANGE_RUNS = Text(
    "SELECT operation.id, operation.first_change, operation.last_change FROM operation WHERE operation.first_change IS NOT NULL OR operation.last_change IS NOT NULL ORDER BY operation.id",
    "SELECT operation.id, operation.first_change, operation.last_change FROM operation WHERE operation.first_change IS NOT NULL OR operation.last_change IS NOT NULL ORDER BY operation.id",
    (),
)

POTS = Text(
    "SELECT pot.id, pot.product_id, product.sku, pot.quantity FROM pot JOIN product ON product.id = pot.product_id ORDER BY pot.id",
    "SELECT pot.id, pot.product_id, product.sku, pot.quantity FROM pot JOIN product ON product.id = pot.product_id ORDER BY pot.id",
    (),
)

MISPLACED = Text(
    "SELECT product.id, product.sku, product.placed, (SELECT CAST(coalesce(sum(pot.quantity), 0) AS INTEGER) AS coalesce_1 FROM pot WHERE pot.product_id = product.id) AS anon_1 FROM product WHERE product.placed != (SELECT CAST(coalesce(sum(pot.quantity), 0) AS INTEGER) AS coalesce_1 FROM pot WHERE pot.product_id = product.id) ORDER BY product.id",
    "SELECT product.id, product.sku, product.placed, (SELECT CAST(coalesce(sum(pot.quantity), 0) AS BIGINT) AS coalesce_1 FROM pot WHERE pot.product_id = product.id) AS anon_1 FROM product WHERE product.placed != (SELECT CAST(coalesce(sum(pot.quantity), 0) AS BIGINT) AS coalesce_1 FROM pot WHERE pot.product_id = product.id) ORDER BY product.id",
    (),
)

MISLAID = Text(
    "SELECT product.sku, place.name, pot.quantity FROM pot JOIN place ON place.id = pot.place_id JOIN product ON product.id = pot.product_id WHERE pot.quantity > 0 AND place.removed_at IS NOT NULL ORDER BY pot.id",
    "SELECT product.sku, place.name, pot.quantity FROM pot JOIN place ON place.id = pot.place_id JOIN product ON product.id = pot.product_id WHERE pot.quantity > 0 AND place.removed_at IS NOT NULL ORDER BY pot.id",
    (),
)

MISTAKEN_UNDOS = Text(
    "SELECT undone.id, undone.undone, 1 - undo.undone AS \"right\", undo.id AS id_1 FROM operation AS undo JOIN operation AS undone ON undone.id = undo.reverses_id WHERE undone.undone != 1 - undo.undone OR undo.id <= undone.id UNION ALL SELECT operation.id, operation.undone, 0, CAST(NULL AS BIGINT) AS anon_1 FROM operation WHERE operation.undone != 0 AND NOT (EXISTS (SELECT * FROM operation AS undo WHERE undo.reverses_id = operation.id))",
    "SELECT undone.id, undone.undone, 1 - undo.undone AS \"right\", undo.id AS id_1 FROM operation AS undo JOIN operation AS undone ON undone.id = undo.reverses_id WHERE undone.undone != 1 - undo.undone OR undo.id <= undone.id UNION ALL SELECT operation.id, operation.undone, 0, CAST(NULL AS BIGINT) AS anon_1 FROM operation WHERE operation.undone != 0 AND NOT (EXISTS (SELECT * FROM operation AS undo WHERE undo.reverses_id = operation.id))",
    (),
)

REMAINDERS = Text(
    "SELECT undo.id, undo.reverses_id, product.sku, sum(movement.delta) AS sum_1 FROM operation AS undo JOIN operation AS undone ON undone.id = undo.reverses_id JOIN movement ON movement.id BETWEEN undo.first_movement AND undo.last_movement OR movement.id BETWEEN undone.first_movement AND undone.last_movement JOIN product ON product.id = movement.product_id GROUP BY undo.id, undo.reverses_id, product.sku HAVING sum(movement.delta) != 0 ORDER BY undo.id, product.sku",
    "SELECT undo.id, undo.reverses_id, product.sku, sum(movement.delta) AS sum_1 FROM operation AS undo JOIN operation AS undone ON undone.id = undo.reverses_id JOIN movement ON movement.id BETWEEN undo.first_movement AND undo.last_movement OR movement.id BETWEEN undone.first_movement AND undone.last_movement JOIN product ON product.id = movement.product_id GROUP BY undo.id, undo.reverses_id, product.sku HAVING sum(movement.delta) != 0 ORDER BY undo.id, product.sku",
    (),
)

MISHELD = Text(
    "SELECT product.id, product.sku, product.held, (SELECT CAST(coalesce(sum(promise.amount), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.product_id = product.id AND promise.kind = 'hold' AND promise.closed_by IS NULL) AS anon_1 FROM product WHERE product.held != (SELECT CAST(coalesce(sum(promise.amount), 0) AS INTEGER) AS coalesce_1 FROM promise WHERE promise.product_id = product.id AND promise.kind = 'hold' AND promise.closed_by IS NULL) ORDER BY product.id",
    "SELECT product.id, product.sku, product.held, (SELECT CAST(coalesce(sum(promise.amount), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.product_id = product.id AND promise.kind = 'hold' AND promise.closed_by IS NULL) AS anon_1 FROM product WHERE product.held != (SELECT CAST(coalesce(sum(promise.amount), 0) AS BIGINT) AS coalesce_1 FROM promise WHERE promise.product_id = product.id AND promise.kind = 'hold' AND promise.closed_by IS NULL) ORDER BY product.id",
    (),
)

MISTOLD = Text(
    "SELECT change.sku, change.field, change.\"after\", CASE WHEN (change.field = 'sku') THEN product.sku WHEN (change.field = 'name') THEN product.name WHEN (change.field = 'description') THEN product.description WHEN (change.field = 'reorder_point') THEN CAST(product.reorder_point AS TEXT) WHEN (change.field = 'reorder_to') THEN CAST(product.reorder_to AS TEXT) WHEN (change.field = 'archived_at') THEN product.archived_at WHEN (change.field = 'created_at') THEN product.created_at END AS anon_1 FROM (SELECT max(change.id) AS id FROM change WHERE change.field IN ('sku', 'name', 'description', 'reorder_point', 'reorder_to', 'archived_at', 'created_at') GROUP BY change.product_id, change.field) AS newest JOIN change ON change.id = newest.id LEFT OUTER JOIN product ON product.id = change.product_id WHERE change.\"after\" IS NOT CASE WHEN (change.field = 'sku') THEN product.sku WHEN (change.field = 'name') THEN product.name WHEN (change.field = 'description') THEN product.description WHEN (change.field = 'reorder_point') THEN CAST(product.reorder_point AS TEXT) WHEN (change.field = 'reorder_to') THEN CAST(product.reorder_to AS TEXT) WHEN (change.field = 'archived_at') THEN product.archived_at WHEN (change.field = 'created_at') THEN product.created_at END ORDER BY change.id",
    "SELECT change.sku, change.field, change.after, CASE WHEN (change.field = 'sku') THEN product.sku WHEN (change.field = 'name') THEN product.name WHEN (change.field = 'description') THEN product.description WHEN (change.field = 'reorder_point') THEN CAST(product.reorder_point AS TEXT) WHEN (change.field = 'reorder_to') THEN CAST(product.reorder_to AS TEXT) WHEN (change.field = 'archived_at') THEN product.archived_at WHEN (change.field = 'created_at') THEN product.created_at END AS anon_1 FROM (SELECT max(change.id) AS id FROM change WHERE change.field IN ('sku', 'name', 'description', 'reorder_point', 'reorder_to', 'archived_at', 'created_at') GROUP BY change.product_id, change.field) AS newest JOIN change ON change.id = newest.id LEFT OUTER JOIN product ON product.id = change.product_id WHERE change.after IS DISTINCT FROM CASE WHEN (change.field = 'sku') THEN product.sku WHEN (change.field = 'name') THEN product.name WHEN (change.field = 'description') THEN product.description WHEN (change.field = 'reorder_point') THEN CAST(product.reorder_point AS TEXT) WHEN (change.field = 'reorder_to') THEN CAST(product.reorder_to AS TEXT) WHEN (change.field = 'archived_at') THEN product.archived_at WHEN (change.field = 'created_at') THEN product.created_at END ORDER BY change.id",
    (),
)

COUNTS = Text(
    "SELECT (SELECT count(*) AS count_1 FROM product) AS anon_1, (SELECT count(*) AS count_2 FROM operation) AS anon_2, (SELECT count(*) AS count_3 FROM movement) AS anon_3",
    "SELECT (SELECT count(*) AS count_1 FROM product) AS anon_1, (SELECT count(*) AS count_2 FROM operation) AS anon_2, (SELECT count(*) AS count_3 FROM movement) AS anon_3",
    (),
)
