"""The question to PostgreSQL's own catalogue that `catalogue` reads a database by."""

from marketplace.schema.contents import ATTIC, OWN_SCHEMA, VERSION_TABLE, plain

_CATALOGUE = f"""
WITH ns AS (
    SELECT oid, nspname, nspowner, nspacl, xmin AS born,
           CASE WHEN nspname = 'public' THEN '' ELSE quote_ident(nspname) || '.' END AS prefix
    FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', '{OWN_SCHEMA}', '{ATTIC}')
      AND nspname !~ '^pg_(toast_)?temp_'
), ext AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), rel AS (
    SELECT c.oid, c.relkind, c.relowner, c.relacl, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
           c.reloptions, c.relispartition, c.relpartbound, c.xmin AS born,
           prefix || quote_ident(c.relname) AS name, c.oid::regclass::text AS full_name
    FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
    WHERE c.relpersistence <> 't' AND c.relname NOT IN ('{VERSION_TABLE}', '{VERSION_TABLE}_pkc')
      AND NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), proc AS (
    SELECT p.*, p.xmin AS born, prefix || quote_ident(proname) || '('
           || pg_get_function_identity_arguments(p.oid) || ')' AS name
    FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
), typ AS (
    SELECT t.*, t.xmin AS born, prefix || quote_ident(typname) AS name, t.oid::regtype::text AS full_name
    FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
    WHERE (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND EXISTS (
            SELECT FROM pg_class WHERE oid = t.typrelid AND relkind = 'c')))
      AND NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_type'::regclass AND objid = t.oid)
), acl AS (
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || full_name AS target,
           CASE WHEN relkind IN ('v', 'm') THEN 'view ' WHEN relkind = 'S' THEN 'sequence '
                ELSE 'table ' END || name AS parent,
           name AS thing, '' AS part, relowner AS owner, born, relacl AS given,
           acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner) AS usual
    FROM rel WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND relacl IS NOT NULL
    UNION ALL
    SELECT 'TABLE ' || full_name, CASE WHEN relkind IN ('v', 'm') THEN 'view ' || name
             ELSE 'column ' || name || '.' || quote_ident(attname) END,
           name || '.' || quote_ident(attname), quote_ident(attname),
           relowner, a.xmin, attacl, '{{}}'::aclitem[]
    FROM rel JOIN pg_attribute a ON attrelid = rel.oid WHERE attacl IS NOT NULL AND NOT attisdropped
    UNION ALL
    SELECT CASE prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || oid::regprocedure::text,
           'function ' || name, name, '', proowner, born, proacl, acldefault('f', proowner)
    FROM proc WHERE proacl IS NOT NULL
    UNION ALL
    SELECT 'SCHEMA ' || quote_ident(nspname), 'schema ' || quote_ident(nspname), quote_ident(nspname), '',
           nspowner, born, nspacl, acldefault('n', nspowner)
    FROM ns WHERE nspacl IS NOT NULL
    UNION ALL
    SELECT 'TYPE ' || full_name, 'type ' || name, name, '', typowner, born, typacl, acldefault('T', typowner)
    FROM typ WHERE typacl IS NOT NULL
), privilege AS (
    SELECT target, parent, thing, part, owner, born, taken, g.grantee, g.privilege_type, g.is_grantable
    FROM acl CROSS JOIN LATERAL (
        (SELECT false AS taken, grantee, privilege_type, is_grantable FROM aclexplode(given)
         EXCEPT SELECT false, grantee, privilege_type, is_grantable FROM aclexplode(usual))
        UNION ALL
        (SELECT true, grantee, privilege_type, is_grantable FROM aclexplode(usual)
         EXCEPT SELECT true, grantee, privilege_type, is_grantable FROM aclexplode(given))
    ) g
    -- A right that came with version 17, and that owners of older databases are not said to have.
    WHERE NOT (g.privilege_type = 'MAINTAIN' AND g.grantee = owner)
), object AS (
    SELECT 'schema' AS kind, quote_ident(nspname) AS name, NULL AS parent, nspowner AS owner, born,
           '{{}}'::jsonb AS facts, NULL AS rendered
    FROM ns WHERE nspname <> 'public'
    UNION ALL
    SELECT 'extension', quote_ident(extname), NULL, extowner, xmin, '{{}}', NULL
    FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL
    SELECT 'type', name, NULL, typowner, born, jsonb_build_object(
             'target', full_name, 'type', typtype,
             'labels', (SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = typ.oid),
             'of', CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) END,
             'not null', typnotnull,
             'fields', (SELECT jsonb_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum)
                        FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped)),
           concat_ws(' ', typdefault, (SELECT string_agg(pg_get_constraintdef(oid), ' ' ORDER BY conname)
                                       FROM pg_constraint WHERE contypid = typ.oid AND contype = 'c'))
    FROM typ
    UNION ALL
    SELECT 'sequence', name, NULL, relowner, born, jsonb_build_object(
             'target', full_name, 'type', seqtypid::regtype::text, 'start', seqstart, 'increment', seqincrement,
             'minimum', seqmin, 'maximum', seqmax, 'cache', seqcache, 'cycle', seqcycle,
             'owned by', (SELECT refobjid::regclass::text || '.' || quote_ident(attname)
                          FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
                          WHERE classid = 'pg_class'::regclass AND objid = rel.oid AND deptype = 'a'
                            AND refclassid = 'pg_class'::regclass)), NULL
    FROM rel JOIN pg_sequence ON seqrelid = rel.oid
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = rel.oid AND deptype = 'i')
    UNION ALL
    SELECT 'table', name, NULL, relowner, born, jsonb_build_object(
             'target', full_name, 'kind', relkind, 'persistence', relpersistence, 'options', reloptions,
             'row security', relrowsecurity, 'forced', relforcerowsecurity,
             'inherits', (SELECT jsonb_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = rel.oid)),
           concat_ws(' ', pg_get_expr(relpartbound, oid), CASE relkind WHEN 'p' THEN pg_get_partkeydef(oid) END)
    FROM rel WHERE relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'column', name || '.' || quote_ident(attname), 'table ' || name, relowner, a.xmin, jsonb_build_object(
             'target', full_name, 'column', quote_ident(attname), 'type', format_type(atttypid, atttypmod),
             'not null', attnotnull, 'identity', attidentity, 'generated', attgenerated,
             'collation', CASE WHEN attcollation <> typcollation THEN attcollation::regcollation::text END),
           pg_get_expr(adbin, adrelid)
    FROM rel JOIN pg_attribute a ON attrelid = rel.oid JOIN pg_type t ON t.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind IN ('r', 'p', 'f') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'function', name, NULL, proowner, born, jsonb_build_object(
             'target', oid::regprocedure::text, 'kind', prokind, 'result', pg_get_function_result(oid),
             'language', (SELECT lanname FROM pg_language WHERE oid = prolang), 'volatility', provolatile,
             'strict', proisstrict, 'security definer', prosecdef, 'leakproof', proleakproof,
             'parallel', proparallel, 'settings', proconfig, 'body', prosrc),
           CASE WHEN prokind <> 'a' THEN pg_get_functiondef(oid) END
    FROM proc
    UNION ALL
    SELECT 'constraint', name || '.' || quote_ident(conname),
           CASE WHEN cardinality(conkey) = 1 THEN (SELECT 'column ' || name || '.' || quote_ident(attname)
             FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) ELSE 'table ' || name END,
           relowner, k.xmin, jsonb_build_object(
             'target', full_name, 'constraint', quote_ident(conname), 'type', contype, 'valid', convalidated,
             'deferrable', condeferrable, 'deferred', condeferred, 'enforced', coalesce(to_jsonb(k) ->> 'conenforced', 'true'),
             'columns', (SELECT jsonb_agg(attname ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS key(number, place)
                         JOIN pg_attribute ON attrelid = conrelid AND attnum = number),
             'refers to', confrelid::regclass::text, 'on update', confupdtype, 'on delete', confdeltype),
           pg_get_constraintdef(k.oid)
    FROM rel JOIN pg_constraint k ON conrelid = rel.oid
    -- Version 18 keeps NOT NULL among the constraints; it is a fact of the column here.
    WHERE contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 'index', name, (SELECT coalesce(
             (SELECT 'constraint ' || t.name || '.' || quote_ident(conname) FROM pg_constraint
              WHERE conindid = rel.oid AND contype IN ('p', 'u', 'x')),
             CASE relkind WHEN 'm' THEN 'view ' ELSE 'table ' END || t.name) FROM rel t WHERE t.oid = indrelid),
           relowner, born, jsonb_build_object(
             'target', full_name, 'unique', indisunique, 'valid', indisvalid, 'nulls not distinct', indnullsnotdistinct,
             'columns', (SELECT jsonb_agg(attname ORDER BY place) FROM unnest(indkey) WITH ORDINALITY AS key(number, place)
                         LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number AND attnum > 0), 'keys', indnkeyatts, 'orders', indoption::text, 'options', reloptions,
             'of constraint', EXISTS (SELECT FROM pg_constraint WHERE conindid = rel.oid AND contype IN ('p', 'u', 'x'))),
           pg_get_indexdef(rel.oid)
    FROM rel JOIN pg_index ON indexrelid = rel.oid
    UNION ALL
    SELECT 'view', name, NULL, relowner, born, jsonb_build_object(
             'target', full_name, 'kind', relkind, 'options', reloptions,
             'columns', (SELECT jsonb_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum)
                         FROM pg_attribute WHERE attrelid = rel.oid AND attnum > 0 AND NOT attisdropped)),
           pg_get_viewdef(oid)
    FROM rel WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'statistics', prefix || quote_ident(stxname), 'table ' || rel.name, stxowner, s.xmin,
           jsonb_build_object('target', quote_ident(nspname) || '.' || quote_ident(stxname), 'kinds', stxkind),
           pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace JOIN rel ON rel.oid = stxrelid
    UNION ALL
    SELECT 'trigger', name || '.' || quote_ident(tgname), CASE relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || name,
           relowner, t.xmin, jsonb_build_object(
             'target', full_name, 'trigger', quote_ident(tgname), 'enabled', tgenabled, 'type', tgtype,
             'function', tgfoid::regprocedure::text),
           pg_get_triggerdef(t.oid)
    FROM rel JOIN pg_trigger t ON tgrelid = rel.oid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'rule', name || '.' || quote_ident(rulename), CASE relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || name,
           relowner, r.xmin, jsonb_build_object('target', full_name, 'rule', quote_ident(rulename), 'enabled', ev_enabled),
           pg_get_ruledef(r.oid)
    FROM rel JOIN pg_rewrite r ON ev_class = rel.oid WHERE rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', name || '.' || quote_ident(polname), 'table ' || name, relowner, p.xmin, jsonb_build_object(
             'target', full_name, 'policy', quote_ident(polname), 'for', polcmd, 'permissive', polpermissive,
             'to', (SELECT jsonb_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END
                              ORDER BY CASE WHEN role <> 0 THEN role::regrole::text END)
                    FROM unnest(polroles) AS role)),
           concat_ws(' ', 'USING (' || pg_get_expr(polqual, polrelid) || ')',
                     'WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')')
    FROM rel JOIN pg_policy p ON polrelid = rel.oid
    UNION ALL
    SELECT 'event trigger', quote_ident(evtname), NULL, evtowner, xmin, jsonb_build_object(
             'on', evtevent, 'enabled', evtenabled, 'function', evtfoid::regprocedure::text, 'tags', evttags), NULL
    FROM pg_event_trigger e
    WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_event_trigger'::regclass AND objid = e.oid)
    UNION ALL
    SELECT 'comment', said.type || ' ' || said.identity, found.parent, NULL, d.xmin,
           jsonb_build_object('type', said.type, 'identity', said.identity, 'says', description), NULL
    FROM pg_description d
    JOIN (SELECT 'pg_class'::regclass::oid AS class, oid, 0 AS part, CASE WHEN relkind IN ('v', 'm') THEN 'view ' WHEN relkind = 'S'
                   THEN 'sequence ' WHEN relkind IN ('i', 'I') THEN 'index ' ELSE 'table ' END || name AS parent FROM rel
          UNION ALL SELECT 'pg_class'::regclass, rel.oid, attnum, CASE WHEN relkind IN ('v', 'm') THEN 'view ' || name
                   ELSE 'column ' || name || '.' || quote_ident(attname) END
                   FROM rel JOIN pg_attribute ON attrelid = rel.oid AND attnum > 0
          UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0, 'constraint ' || name || '.' || quote_ident(conname)
                   FROM pg_constraint k JOIN rel ON conrelid = rel.oid
          UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 0, 'trigger ' || name || '.' || quote_ident(tgname)
                   FROM pg_trigger t JOIN rel ON tgrelid = rel.oid
          UNION ALL SELECT 'pg_proc'::regclass, oid, 0, 'function ' || name FROM proc
          UNION ALL SELECT 'pg_type'::regclass, oid, 0, 'type ' || name FROM typ
          UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, 'schema ' || quote_ident(nspname) FROM ns WHERE nspname <> 'public'
         ) found ON found.class = d.classoid AND found.oid = d.objoid AND found.part = d.objsubid
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) said
    UNION ALL
    SELECT 'grant', CASE WHEN taken THEN 'not on ' ELSE 'on ' END || thing || ' to '
             || CASE WHEN grantee = 0 THEN 'PUBLIC' WHEN grantee = owner THEN 'its owner' ELSE grantee::regrole::text END,
           parent, owner, max(born::text)::xid, jsonb_build_object(
             'target', target, 'part', part, 'taken', taken,
             'to', CASE WHEN grantee = 0 THEN 'PUBLIC' WHEN grantee = owner THEN 'its owner' ELSE grantee::regrole::text END,
             'rights', jsonb_agg(privilege_type || CASE WHEN is_grantable AND NOT taken THEN ' with grant option' ELSE '' END
                                 ORDER BY privilege_type)), NULL
    FROM privilege GROUP BY target, parent, thing, part, owner, taken, grantee
)
SELECT kind, name, parent, pg_get_userbyid(owner) AS owner, facts, coalesce(rendered, '') AS rendered,
       CASE WHEN current_setting('track_commit_timestamp') = 'on' THEN pg_xact_commit_timestamp(born) END AS changed
FROM object
"""  # noqa: S608, E501 - its names are ours; a table of questions is read best with a line for each fact.


CATALOGUE = plain(_CATALOGUE)
