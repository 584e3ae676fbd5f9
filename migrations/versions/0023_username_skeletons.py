"""Refuse usernames that look like one that is there, or like the site itself.

Names that are there already stay as they are; the next revision enters them. Going down lets look-alikes
register again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0023_username_skeletons"
down_revision = "0022_throttles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "username_skeletons",
        sa.Column(
            "skeleton", sa.Text(), nullable=False, comment="What a username looks like: username_skeleton()."
        ),
        sa.Column(
            "member_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose username looks so.",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["users.id"],
            name=op.f("fk_username_skeletons_member_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("skeleton", name=op.f("pk_username_skeletons")),
        comment="What usernames look like, so that no two look alike. Kept by a trigger.",
    )
    op.create_index("uq_username_skeletons_member_id", "username_skeletons", ["member_id"], unique=True)
    # I, i, l and 1 look alike in one case or the other, and so do o and 0, rn and m, vv and w. What stands
    # between the letters is easily overlooked.
    op.execute(
        """
        CREATE FUNCTION username_skeleton(username text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $function$
            SELECT replace(replace(
                translate(lower(username COLLATE "C"), 'i10._-', 'llo'), 'rn', 'm'), 'vv', 'w'
            )
        $function$
        """
    )
    op.execute(
        """
        CREATE FUNCTION keep_username_skeleton() RETURNS trigger
        LANGUAGE plpgsql
        AS $function$
        DECLARE
            reserved CONSTANT text[] := '{
                kula, kulateam, team, staff, admin, admins, administrator, root, system, operator,
                moderator, moderators, mod, mods, moderation, support, help, helpdesk, service,
                security, abuse, info, contact, office, official, postmaster, webmaster, hostmaster,
                noreply, mailerdaemon, billing, privacy, legal, press}';
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF username_skeleton(NEW.username) = username_skeleton(OLD.username) THEN
                    RETURN NULL;
                END IF;
                DELETE FROM username_skeletons WHERE member_id = NEW.id;
            END IF;
            IF EXISTS (
                SELECT FROM unnest(reserved) AS name
                WHERE username_skeleton(name) = username_skeleton(NEW.username)
            ) THEN
                RAISE check_violation USING
                    MESSAGE = 'a username stands for the site itself',
                    CONSTRAINT = 'ck_users_username_not_reserved', TABLE = 'users';
            END IF;
            INSERT INTO username_skeletons (skeleton, member_id)
            VALUES (username_skeleton(NEW.username), NEW.id);
            RETURN NULL;
        END
        $function$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_username_skeleton_on_change AFTER INSERT OR UPDATE OF username ON users"
        " FOR EACH ROW EXECUTE FUNCTION keep_username_skeleton()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_username_skeleton_on_change ON users")
    op.execute("DROP FUNCTION keep_username_skeleton()")
    op.execute("DROP FUNCTION username_skeleton(text)")
    op.drop_table("username_skeletons")
