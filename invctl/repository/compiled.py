"""The texts of every fixed statement, by engine. Generated; do not edit.

`python -m invctl.repository.compiling` makes them from `declared`.
"""
# fmt: off
# ruff: noqa: E501

from invctl.db.session import Text

SETTING = Text(
    "SELECT setting.value FROM setting WHERE setting.name = :name",
    "SELECT setting.value FROM setting WHERE setting.name = %(name)s::VARCHAR",
)

TURN = Text(
    "SELECT setting.value FROM setting WHERE setting.name = :name",
    "SELECT setting.value FROM setting WHERE setting.name = %(name)s::VARCHAR FOR UPDATE",
)

FIND_PRODUCT = Text(
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku = :sku",
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku = %(sku)s::VARCHAR COLLATE \"C\"",
)

LOCK_PRODUCT = Text(
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku = :sku",
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku = %(sku)s::VARCHAR COLLATE \"C\" FOR UPDATE",
)

LOAD_PRODUCTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_each(:skus) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE",
)

PRODUCT = Text(
    "SELECT product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at FROM product WHERE product.id = :product",
    "SELECT product.sku, product.name, product.description, product.quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at FROM product WHERE product.id = %(product)s::BIGINT",
)

PRODUCT_AS_OF = Text(
    "SELECT product.sku, product.name, product.description, (SELECT CAST(coalesce(sum(movement.delta), 0) AS INTEGER) AS coalesce_1 FROM movement WHERE movement.product_id = product.id AND movement.occurred_at <= :as_of) AS quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at FROM product WHERE product.id = :product",
    "SELECT product.sku, product.name, product.description, (SELECT CAST(coalesce(sum(movement.delta), 0) AS BIGINT) AS coalesce_1 FROM movement WHERE movement.product_id = product.id AND movement.occurred_at <= %(as_of)s::VARCHAR COLLATE \"C\") AS quantity, product.reorder_point, product.archived_at IS NOT NULL AS archived, product.created_at, product.updated_at FROM product WHERE product.id = %(product)s::BIGINT",
)

LOCK_FACTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at FROM product WHERE product.sku = :sku",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at FROM product WHERE product.sku = %(sku)s::VARCHAR COLLATE \"C\" FOR UPDATE",
)

LOAD_FACTS = Text(
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_each(:skus) AS given) ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity, product.name, product.description, product.reorder_point, product.archived_at FROM product WHERE product.sku IN (SELECT given.value FROM json_array_elements_text(CAST(%(skus)s AS JSON)) AS given) ORDER BY product.id FOR UPDATE",
)

SKUS_FROM = Text(
    "SELECT product.sku FROM product WHERE product.sku >= :sku ORDER BY product.sku LIMIT :most OFFSET 0",
    "SELECT product.sku FROM product WHERE product.sku >= %(sku)s::VARCHAR COLLATE \"C\" ORDER BY product.sku LIMIT %(most)s OFFSET 0",
)

SKUS_BEFORE = Text(
    "SELECT product.sku FROM product WHERE product.sku < :sku ORDER BY product.sku DESC LIMIT :most OFFSET 0",
    "SELECT product.sku FROM product WHERE product.sku < %(sku)s::VARCHAR COLLATE \"C\" ORDER BY product.sku DESC LIMIT %(most)s OFFSET 0",
)

NEXT_PRODUCT = Text(
    "SELECT coalesce(max(product.id), 0) + 1 AS anon_1 FROM product",
    "SELECT coalesce(max(product.id), 0) + 1 AS anon_1 FROM product",
)

ADD_PRODUCT = Text(
    "INSERT INTO product (id, sku, name, description, quantity, reorder_point, archived_at, created_at, updated_at) VALUES (:id, :sku, :name, :description, :quantity, :reorder_point, :archived_at, :created_at, :updated_at)",
    "INSERT INTO product (id, sku, name, description, quantity, reorder_point, archived_at, created_at, updated_at) VALUES (%(id)s::BIGINT, %(sku)s::VARCHAR COLLATE \"C\", %(name)s::VARCHAR COLLATE \"C\", %(description)s::VARCHAR, %(quantity)s::BIGINT, %(reorder_point)s::BIGINT, %(archived_at)s::VARCHAR COLLATE \"C\", %(created_at)s::VARCHAR COLLATE \"C\", %(updated_at)s::VARCHAR COLLATE \"C\")",
)

DELETE_PRODUCT = Text(
    "DELETE FROM product WHERE product.id = :product",
    "DELETE FROM product WHERE product.id = %(product)s::BIGINT",
)

MOVE = Text(
    "UPDATE product SET quantity=(product.quantity + :by), updated_at=:now WHERE product.sku = :sku AND product.archived_at IS NULL AND product.quantity + :by BETWEEN 0 AND 9007199254740991 RETURNING id, quantity",
    "UPDATE product SET quantity=(product.quantity + %(by)s::BIGINT), updated_at=%(now)s::VARCHAR COLLATE \"C\" WHERE product.sku = %(sku)s::VARCHAR COLLATE \"C\" AND product.archived_at IS NULL AND product.quantity + %(by)s::BIGINT BETWEEN 0 AND 9007199254740991 RETURNING product.id, product.quantity",
)

SETTLE = Text(
    "UPDATE product SET quantity=:now, updated_at=:at WHERE product.id = :product AND product.quantity = :seen",
    "UPDATE product SET quantity=anon_1.now, updated_at=anon_1.at FROM unnest(%(now)s::BIGINT[], %(at)s::TEXT[], %(product)s::BIGINT[], %(seen)s::BIGINT[]) AS anon_1(now, at, product, seen) WHERE product.id = anon_1.product AND product.quantity = anon_1.seen",
)

DESCRIBE_EACH = Text(
    "UPDATE product SET name=:new_name, description=:new_description, reorder_point=:new_reorder_point, archived_at=:new_archived_at, updated_at=:at WHERE product.id = :product",
    "UPDATE product SET name=anon_1.new_name, description=anon_1.new_description, reorder_point=anon_1.new_reorder_point, archived_at=anon_1.new_archived_at, updated_at=anon_1.at FROM unnest(%(new_name)s::TEXT[], %(new_description)s::TEXT[], %(new_reorder_point)s::BIGINT[], %(new_archived_at)s::TEXT[], %(at)s::TEXT[], %(product)s::BIGINT[]) AS anon_1(new_name, new_description, new_reorder_point, new_archived_at, at, product) WHERE product.id = anon_1.product",
)

DESCRIBE = Text(
    "UPDATE product SET sku=:sku, name=:name, description=:description, reorder_point=:reorder_point, archived_at=:archived_at, updated_at=:updated_at WHERE product.id = :product",
    "UPDATE product SET sku=%(sku)s::VARCHAR COLLATE \"C\", name=%(name)s::VARCHAR COLLATE \"C\", description=%(description)s::VARCHAR, reorder_point=%(reorder_point)s::BIGINT, archived_at=%(archived_at)s::VARCHAR COLLATE \"C\", updated_at=%(updated_at)s::VARCHAR COLLATE \"C\" WHERE product.id = %(product)s::BIGINT",
)

LOCK_ALL = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product ORDER BY product.id FOR UPDATE) AS anon_1",
)

LOCK_STAGED = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.sku IN (SELECT staged.sku FROM staged) ORDER BY product.id FOR UPDATE) AS anon_1",
)

LOCK_MOVED = Text(
    "",
    "SELECT count(*) AS count_1 FROM (SELECT product.id AS id FROM product WHERE product.id IN (SELECT movement.product_id FROM movement WHERE movement.operation_id = %(operation)s::BIGINT) ORDER BY product.id FOR UPDATE) AS anon_1",
)

QUANTITIES = Text(
    "SELECT product.id, product.sku, product.quantity FROM product ORDER BY product.id",
    "SELECT product.id, product.sku, product.quantity FROM product ORDER BY product.id",
)

SKU_OF = Text(
    "SELECT product.sku FROM product WHERE product.id = :product",
    "SELECT product.sku FROM product WHERE product.id = %(product)s::BIGINT",
)

NEXT_IDS = Text(
    "SELECT (SELECT coalesce(max(operation.id), 0) + 1 AS anon_2 FROM operation) AS anon_1, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_4 FROM movement) AS anon_3",
    "SELECT (SELECT coalesce(max(operation.id), 0) + 1 AS anon_2 FROM operation) AS anon_1, (SELECT coalesce(max(movement.id), 0) + 1 AS anon_4 FROM movement) AS anon_3",
)

ENTER = Text(
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at) VALUES (:id, :kind, :idempotency_key, :actor, :recorded_at)",
    "INSERT INTO operation (id, kind, idempotency_key, actor, recorded_at) VALUES (%(id)s::BIGINT, %(kind)s::VARCHAR, %(idempotency_key)s::VARCHAR, %(actor)s::VARCHAR, %(recorded_at)s::VARCHAR COLLATE \"C\")",
)

CONCLUDE = Text(
    "UPDATE operation SET request_hash=:request_hash, result=:result WHERE operation.id = :operation",
    "UPDATE operation SET request_hash=%(request_hash)s::VARCHAR, result=%(result)s::VARCHAR WHERE operation.id = %(operation)s::BIGINT",
)

EARLIER = Text(
    "SELECT operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key = :key AND operation.result IS NOT NULL",
    "SELECT operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key = %(key)s::VARCHAR AND operation.result IS NOT NULL",
)

EARLIER_AMONG = Text(
    "SELECT operation.idempotency_key, operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key IN (SELECT given.value FROM json_each(:keys) AS given) AND operation.result IS NOT NULL",
    "SELECT operation.idempotency_key, operation.kind, operation.request_hash, operation.result FROM operation WHERE operation.idempotency_key IN (SELECT given.value FROM json_array_elements_text(CAST(%(keys)s AS JSON)) AS given) AND operation.result IS NOT NULL",
)

ENTER_EACH = Text(
    "INSERT INTO operation (id, kind, idempotency_key, request_hash, result, actor, recorded_at) VALUES (:id, :kind, :idempotency_key, :request_hash, :result, :actor, :recorded_at)",
    "INSERT INTO operation (id, kind, idempotency_key, request_hash, result, actor, recorded_at) SELECT anon_1.id, anon_1.kind, anon_1.idempotency_key, anon_1.request_hash, anon_1.result, anon_1.actor, anon_1.recorded_at FROM unnest(%(id)s::BIGINT[], %(kind)s::TEXT[], %(idempotency_key)s::TEXT[], %(request_hash)s::TEXT[], %(result)s::TEXT[], %(actor)s::TEXT[], %(recorded_at)s::TEXT[]) AS anon_1(id, kind, idempotency_key, request_hash, result, actor, recorded_at)",
)

LOCK_OPERATION = Text(
    "SELECT operation.id FROM operation WHERE operation.id = :operation",
    "SELECT operation.id FROM operation WHERE operation.id = %(operation)s::BIGINT FOR UPDATE",
)

UNDONE_BY = Text(
    "SELECT operation.id FROM operation WHERE operation.reverses_id = :operation",
    "SELECT operation.id FROM operation WHERE operation.reverses_id = %(operation)s::BIGINT",
)

REVERSES = Text(
    "UPDATE operation SET reverses_id=:undone WHERE operation.id = :operation",
    "UPDATE operation SET reverses_id=%(undone)s::BIGINT WHERE operation.id = %(operation)s::BIGINT",
)

ADD_MOVEMENT = Text(
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) VALUES (:id, :operation_id, :product_id, :delta, :quantity, :reason, :ref, :note, :occurred_at)",
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) VALUES (%(id)s::BIGINT, %(operation_id)s::BIGINT, %(product_id)s::BIGINT, %(delta)s::BIGINT, %(quantity)s::BIGINT, %(reason)s::VARCHAR, %(ref)s::VARCHAR, %(note)s::VARCHAR, %(occurred_at)s::VARCHAR COLLATE \"C\")",
)

APPEND_EACH = Text(
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) VALUES (:id, :operation_id, :product_id, :delta, :quantity, :reason, :ref, :note, :occurred_at)",
    "INSERT INTO movement (id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at) SELECT anon_1.id, anon_1.operation_id, anon_1.product_id, anon_1.delta, anon_1.quantity, anon_1.reason, anon_1.ref, anon_1.note, anon_1.occurred_at FROM unnest(%(id)s::BIGINT[], %(operation_id)s::BIGINT[], %(product_id)s::BIGINT[], %(delta)s::BIGINT[], %(quantity)s::BIGINT[], %(reason)s::TEXT[], %(ref)s::TEXT[], %(note)s::TEXT[], %(occurred_at)s::TEXT[]) AS anon_1(id, operation_id, product_id, delta, quantity, reason, ref, note, occurred_at)",
)

LATEST_MOVEMENT = Text(
    "SELECT max(movement.id) AS max_1 FROM movement",
    "SELECT max(movement.id) AS max_1 FROM movement",
)

LATEST_OPERATION = Text(
    "SELECT max(operation.id) AS max_1 FROM operation",
    "SELECT max(operation.id) AS max_1 FROM operation",
)

MOVEMENTS_OF_PRODUCT = Text(
    "SELECT count(*) AS count_1 FROM movement WHERE movement.product_id = :product",
    "SELECT count(*) AS count_1 FROM movement WHERE movement.product_id = %(product)s::BIGINT",
)

MOVEMENTS_OF_OPERATION = Text(
    "SELECT count(*) AS count_1 FROM movement WHERE movement.operation_id = :operation",
    "SELECT count(*) AS count_1 FROM movement WHERE movement.operation_id = %(operation)s::BIGINT",
)

PRODUCTS_OF_OPERATION = Text(
    "SELECT count(DISTINCT movement.product_id) AS count_1 FROM movement WHERE movement.operation_id = :operation",
    "SELECT count(DISTINCT movement.product_id) AS count_1 FROM movement WHERE movement.operation_id = %(operation)s::BIGINT",
)

DELTAS = Text(
    "SELECT movement.delta, product.sku FROM movement JOIN product ON product.id = movement.product_id WHERE movement.operation_id = :operation ORDER BY movement.delta, movement.id",
    "SELECT movement.delta, product.sku FROM movement JOIN product ON product.id = movement.product_id WHERE movement.operation_id = %(operation)s::BIGINT ORDER BY movement.delta, movement.id",
)

JOURNAL = Text(
    "SELECT movement.id, movement.product_id, movement.delta, movement.quantity FROM movement ORDER BY movement.id",
    "SELECT movement.id, movement.product_id, movement.delta, movement.quantity FROM movement ORDER BY movement.id",
)

REMAINDERS = Text(
    "SELECT undo.id, undo.reverses_id, product.sku, sum(movement.delta) AS sum_1 FROM operation AS undo JOIN movement ON movement.operation_id IN (undo.id, undo.reverses_id) JOIN product ON product.id = movement.product_id WHERE undo.reverses_id IS NOT NULL GROUP BY undo.id, undo.reverses_id, product.sku HAVING sum(movement.delta) != 0 ORDER BY undo.id, product.sku",
    "SELECT undo.id, undo.reverses_id, product.sku, sum(movement.delta) AS sum_1 FROM operation AS undo JOIN movement ON movement.operation_id IN (undo.id, undo.reverses_id) JOIN product ON product.id = movement.product_id WHERE undo.reverses_id IS NOT NULL GROUP BY undo.id, undo.reverses_id, product.sku HAVING sum(movement.delta) != 0 ORDER BY undo.id, product.sku",
)

COUNTS = Text(
    "SELECT (SELECT count(*) AS count_1 FROM product) AS anon_1, (SELECT count(*) AS count_2 FROM operation) AS anon_2, (SELECT count(*) AS count_3 FROM movement) AS anon_3",
    "SELECT (SELECT count(*) AS count_1 FROM product) AS anon_1, (SELECT count(*) AS count_2 FROM operation) AS anon_2, (SELECT count(*) AS count_3 FROM movement) AS anon_3",
)
