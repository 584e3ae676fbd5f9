"""What a database is made of, read from PostgreSQL's own catalogue."""

from tests.support.postgresql import connect

# Each answers with rows of text: what it is, and its whole definition.
QUESTIONS = {
    "tables": """
        SELECT c.relname, c.relkind, obj_description(c.oid, 'pg_class')
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')""",
    "views": """
        SELECT relname, relkind, pg_get_viewdef(oid)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')""",
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text,
               col_description(c.oid, a.attnum)
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, convalidated, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by
        FROM pg_sequences WHERE schemaname = 'public'""",
    "routines": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "types": """
        SELECT typname FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')""",
}

# What belongs to the record of revisions, not to the schema that they make.
BOOKKEEPING = "alembic_version"


def read_catalogue(url: str) -> dict[str, set[tuple[object, ...]]]:
    """Return everything in the schema `public` but the table in which Alembic keeps the revision."""
    catalogue: dict[str, set[tuple[object, ...]]] = {}
    with connect(url) as cursor:
        for what, question in QUESTIONS.items():
            cursor.execute(question)
            catalogue[what] = {row for row in cursor.fetchall() if row[0] != BOOKKEEPING}
    return catalogue


def table_names(url: str) -> set[str]:
    """The names of the tables, without Alembic's."""
    return {str(row[0]) for row in read_catalogue(url)["tables"]}


def foreign_keys(url: str) -> set[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """All foreign keys: table and columns, the table and columns they refer to."""
    with connect(url) as cursor:
        cursor.execute(
            """
            SELECT k.conrelid::regclass::text, array_agg(a.attname::text ORDER BY n),
                   k.confrelid::regclass::text, array_agg(f.attname::text ORDER BY n)
            FROM pg_constraint k
            CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair (mine, theirs, n)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.mine
            JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = pair.theirs
            WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
            GROUP BY k.oid, k.conrelid, k.confrelid
            """
        )
        return {(mine, tuple(columns), theirs, tuple(keys)) for mine, columns, theirs, keys in cursor}
