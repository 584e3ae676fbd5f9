"""What can go wrong on the operators' side. Each message is a sentence, and then the next command to type."""

from alembic.util import CommandError


class SchemaError(CommandError):
    """Base of all: `flask db` prints its message and exits with 1, and so does plain `alembic`."""


class HistoryBroken(SchemaError):  # noqa: N818 - the names of these read as the sentences they are.
    """The revision files and what was applied tell different stories: deleted, renamed, inserted, forked."""


class ChecksumMismatch(SchemaError):  # noqa: N818
    """An applied file was edited."""


class TargetUnknown(SchemaError):  # noqa: N818
    """The revision asked for does not exist, or does not lie in the direction asked for."""


class DatabaseBusy(SchemaError):  # noqa: N818
    """Another run, or another process's lock, did not end within the patience that is set."""


class NotConfirmed(SchemaError):  # noqa: N818
    """Rows would be lost, and nobody agreed to that."""


class MigrationFailed(SchemaError):  # noqa: N818
    """A revision ended in an error; its transaction was rolled back."""


class VersionNotReached(SchemaError):  # noqa: N818
    """A run ended without an error, but a fresh connection reads another revision than it was for."""


class LedgerUnavailable(SchemaError):  # noqa: N818
    """The ledger cannot be made or written."""


class AtticUnavailable(SchemaError):  # noqa: N818
    """What a step drops cannot be kept aside first; the step was rolled back."""


class BackupFailed(SchemaError):  # noqa: N818
    """No good backup could be made; nothing has been changed."""


class ScratchRefused(SchemaError):  # noqa: N818
    """No database for a while can be had: the role may not create any."""


class RehearsalFailed(SchemaError):  # noqa: N818
    """No copy to rehearse on could be made; nothing has been changed."""


class RestoreFailed(SchemaError):  # noqa: N818
    """A backup could not be put back; the database in use is as it was."""


class BackfillRefused(SchemaError):  # noqa: N818
    """A backfill cannot be done as the revision says it; nothing of it was."""


class BackfillStopped(SchemaError):  # noqa: N818
    """A backfill ended half-way; what was done stays done, and the next run goes on from there."""
