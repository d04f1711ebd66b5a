"""What others have put on the tables of an inventory, or beside them, that would run as its user.

Texts, for `connection` and `inspection`.
"""

# What others have made in these schemas by a name of the server's own runs in the place of that
# wherever its types fit better: so whoever asks for this has types that fit exactly.
_SHADOWS = """
    SELECT min(what || nspname::text || '.'::text || name)
    FROM (
        SELECT 'has the function '::text, proname::text, pronamespace, proowner
        FROM pg_catalog.pg_proc
        UNION ALL
        SELECT 'has the operator '::text, oprname::text, oprnamespace, oprowner
        FROM pg_catalog.pg_operator
    ) AS made (what, name, namespace, owner)
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = namespace
    JOIN pg_catalog.pg_roles ON pg_roles.oid = owner
    WHERE nspname = ANY (current_schemas(false)) AND nspname <> 'pg_catalog'::name
        AND NOT rolsuper AND rolname <> current_user AND owner <> nspowner
        AND (name IN (SELECT proname::text FROM pg_catalog.pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace::oid)
            OR name IN (SELECT oprname::text FROM pg_catalog.pg_operator
                WHERE oprnamespace = 'pg_catalog'::regnamespace::oid))
"""
# What a table is read and changed with, or calls with each write: those that inherit from it, and
# what constraints, defaults, indexes and types of columns use that is not the server's own. Of what
# is, no dependence is written down.
ADDED = """coalesce(
    (SELECT min('has a table '::text || inhrelid::regclass::text || ' within '::text
            || inhparent::regclass::text)
        FROM pg_catalog.pg_inherits WHERE inhparent = pg_class.oid),
    (SELECT min('has the '::text || pg_describe_object(refclassid, refobjid, 0) || ' in the '::text
            || pg_describe_object(classid, objid, objsubid))
        FROM pg_catalog.pg_depend
        WHERE refclassid IN ('pg_catalog.pg_proc'::regclass::oid,
                'pg_catalog.pg_operator'::regclass::oid, 'pg_catalog.pg_type'::regclass::oid)
            AND (classid, objid) IN (
                SELECT pg_class.tableoid, pg_class.oid
                UNION ALL
                SELECT part.classid, part.objid FROM pg_catalog.pg_depend AS part
                WHERE part.refclassid = pg_class.tableoid AND part.refobjid = pg_class.oid
                    AND part.classid IN ('pg_catalog.pg_constraint'::regclass::oid,
                        'pg_catalog.pg_attrdef'::regclass::oid, pg_class.tableoid))))
"""
# What there is of an inventory by the names of its tables, and what the session has of its own.
# `to_regclass` alone would not do: after a wait it answers from what the session knew before.
FOUND = f"""
SELECT coalesce(bool_or(relname = 'setting'), false), coalesce(bool_or(relname = 'product'), false),
    pg_backend_pid(), min(strange), current_setting('statement_timeout'),
    current_setting('idle_in_transaction_session_timeout'), ({_SHADOWS}),
    min(space) FILTER (WHERE is_visible), max(space) FILTER (WHERE is_visible)
FROM (
    SELECT relname, nspname::text AS space, pg_table_is_visible(pg_class.oid) AS is_visible, CASE
        WHEN relkind <> 'r'
            THEN 'has something else than a table by the name '::text || relname::text
        WHEN relrowsecurity THEN 'has '::text
            || coalesce(
                (SELECT min('the policy '::text || polname::text)
                FROM pg_catalog.pg_policy WHERE polrelid = pg_class.oid),
                'row level security'::text)
            || ' on '::text || relname::text
        ELSE coalesce(
            -- That a table has rules is remembered of those that are gone, until a VACUUM.
            CASE WHEN relhasrules THEN (
                SELECT min('has a rule '::text || rulename::text || ' on '::text || relname::text)
                FROM pg_catalog.pg_rewrite WHERE ev_class = pg_class.oid) END,
            (SELECT min('has a trigger '::text || tgname::text || ' on '::text || relname::text)
                FROM pg_catalog.pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal),
            {ADDED})
        END AS strange
    FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relname = ANY (%s) AND relkind IN ('r', 'v', 'm', 'f', 'p')
        AND nspname = ANY (current_schemas(false))
) AS ours
"""  # noqa: S608 (a text of this module's)
