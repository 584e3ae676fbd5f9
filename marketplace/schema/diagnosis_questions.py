"""What the doctor asks PostgreSQL. Each row of an answer is one thing that may be wrong."""

from sqlalchemy import text

from marketplace.schema.contents import plain

RELATIONS = plain("""
WITH own AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname, c.oid::regclass::text AS shown,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS full_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'attic')
      AND n.nspname !~ '^pg_(toast_)?temp_' AND c.relpersistence <> 't'
)
SELECT 'invalid index' AS kind, i.full_name AS place, t.full_name AS of, i.relname AS name,
       CASE WHEN x.indisunique THEN 'unique' END AS more
FROM pg_index x JOIN own i ON i.oid = x.indexrelid JOIN own t ON t.oid = x.indrelid
WHERE NOT x.indisvalid AND i.relkind = 'i'
  -- One that is being built at the moment is not valid yet.
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)
UNION ALL
SELECT 'not valid', quote_ident(k.conname), t.full_name, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN own t ON t.oid = k.conrelid
WHERE NOT k.convalidated AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
UNION ALL
SELECT 'disabled trigger', quote_ident(t.full_name), t.full_name, CASE WHEN bool_or(g.tgisinternal) THEN 'ALL' ELSE
       string_agg(quote_ident(g.tgname), ', ' ORDER BY g.tgname) END, count(*)::text
FROM pg_trigger g JOIN own t ON t.oid = g.tgrelid WHERE g.tgenabled = 'D' GROUP BY t.full_name
UNION ALL
SELECT 'missing grant', t.full_name, current_user, t.relname, string_agg(asked, ', ' ORDER BY place)
FROM own t CROSS JOIN LATERAL (
    SELECT asked, place, CASE t.relkind WHEN 'S' THEN has_sequence_privilege(t.oid, asked)
                         ELSE has_table_privilege(t.oid, asked) END AS may
    FROM unnest(CASE WHEN t.relkind = 'S' THEN '{USAGE}'::text[] WHEN t.relkind IN ('v', 'm') THEN '{SELECT}'
                WHEN t.nspname = 'operations' AND t.relname <> 'ledger' THEN '{SELECT}'
                WHEN t.nspname = 'operations' THEN '{SELECT,INSERT}'
                ELSE '{SELECT,INSERT,UPDATE,DELETE}' END) WITH ORDINALITY AS wanted(asked, place)
) rights
WHERE t.relkind IN ('r', 'p', 'v', 'm', 'S') AND t.nspname IN ('public', 'operations') AND NOT may
GROUP BY t.full_name, t.relname
UNION ALL
SELECT 'missing grant', 'SCHEMA ' || quote_ident(nspname), current_user, nspname, 'USAGE'
FROM pg_namespace WHERE nspname IN ('public', 'operations') AND NOT has_schema_privilege(oid, 'USAGE')
UNION ALL
SELECT 'search path', t.full_name, current_setting('search_path'), t.relname,
       (SELECT source FROM pg_settings WHERE name = 'search_path')
FROM own t WHERE t.relkind IN ('r', 'p') AND t.nspname = 'public' AND to_regclass(quote_ident(t.relname)) IS DISTINCT FROM t.oid
UNION ALL
SELECT 'other schema', t.full_name, current_setting('search_path'), t.nspname, NULL
FROM own t WHERE t.relname = 'alembic_version' AND t.nspname <> 'public' AND to_regclass('public.alembic_version') IS NULL
UNION ALL
SELECT 'table', t.full_name, t.nspname, t.relname, NULL FROM own t WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1, 2
""")  # noqa: E501 - a question is read best with a line for each fact.


SESSIONS = text("""
SELECT 'blocked' AS kind, a.pid, a.usename AS role, a.application_name AS application, a.state,
       clock_timestamp() - coalesce(min(l.waitstart), a.query_start) AS since, left(a.query, 80) AS query,
       pg_blocking_pids(a.pid) AS by, NULL::bigint AS amount
FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
GROUP BY a.pid, a.usename, a.application_name, a.state, a.query_start, a.query
UNION ALL
SELECT CASE WHEN state LIKE 'idle in transaction%' THEN 'idle in transaction' ELSE 'old snapshot' END, pid, usename,
       application_name, state, clock_timestamp() - CASE WHEN state LIKE 'idle in transaction%' THEN state_change
       ELSE xact_start END, left(query, 80), NULL,
       (SELECT sum(n_dead_tup)::bigint FROM pg_stat_user_tables)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND (state LIKE 'idle in transaction%' OR backend_xmin IS NOT NULL) AND backend_type = 'client backend'
UNION ALL
SELECT 'prepared transaction', NULL, owner, gid, NULL, clock_timestamp() - prepared, NULL, NULL, NULL
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'replication slot', active_pid, NULL, slot_name, coalesce(wal_status, ''), NULL,
       CASE WHEN xmin IS NOT NULL OR catalog_xmin IS NOT NULL THEN 'rows' END, NULL,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END
FROM pg_replication_slots WHERE NOT active AND NOT temporary
ORDER BY 1, 2
""")  # noqa: E501 - a question is read best with a line for each fact.


SERVER = text("""
SELECT current_database() AS database, current_user AS role, age(d.datfrozenxid) AS transactions,
       d.datcollversion AS collation_was, pg_database_collation_actual_version(d.oid) AS collation_is,
       ARRAY(SELECT c.oid::regcollation::text FROM pg_collation c
             WHERE c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid) AND c.collversion IS NOT NULL
               -- Those of the server itself do not count, nor what only they are in use for.
               AND EXISTS (SELECT FROM pg_attribute WHERE attcollation = c.oid AND attrelid >= 16384)) AS collations,
       (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS folder
FROM pg_database d WHERE datname = current_database()
""")  # noqa: E501 - a question is read best with a line for each fact.


SEQUENCES = plain("""
SELECT s.oid::bigint AS sequence, s.oid::regclass::text AS name, t.oid::regclass::text AS table_name,
       quote_ident(a.attname) AS column_name
FROM pg_sequence q JOIN pg_class s ON s.oid = q.seqrelid
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
  AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE q.seqincrement > 0 AND NOT q.seqcycle AND t.relkind IN ('r', 'p')
  AND has_table_privilege(t.oid, 'SELECT')
  AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END
  AND t.relnamespace <> coalesce(to_regnamespace('operations'), 0)
  AND t.relnamespace <> coalesce(to_regnamespace('attic'), 0)
  -- Only where the newest key is found by an index.
  AND EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indkey[0] = a.attnum AND indisvalid AND indpred IS NULL)
ORDER BY 2
""")  # noqa: E501 - a question is read best with a line for each fact.
