"""Brings a database to the newest schema, and says when it is of another age than this program."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError as DriverError
from sqlalchemy.exc import OperationalError

from storage.database import DatabaseError, DatabaseUnavailable

_ADVISORY_LOCK = 0x48_45_41_52_54_48  # "HEARTH": any number, the same in every process


def migrate(url: str, revision: str = "head") -> None:
    """Upgrades (or downgrades) the schema, all or nothing. Raises `DatabaseError`."""
    engine = migration_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            current = _known_revision(connection)
            config = configuration()
            config.attributes["connection"] = connection
            if revision == "head" or _is_ahead(current, revision):
                command.upgrade(config, revision)
            else:
                command.downgrade(config, revision)
    except OperationalError as error:
        raise DatabaseUnavailable(_explain(error)) from error
    except DriverError as error:
        raise DatabaseError(_explain(error)) from error
    finally:
        engine.dispose()


def check_schema(url: str) -> None:
    """Raises `DatabaseError` unless the schema is the one that this program was written for."""
    engine = migration_engine(url)
    try:
        with engine.connect() as connection:
            current = _known_revision(connection)
    except DriverError as error:
        raise DatabaseError(_explain(error)) from error
    finally:
        engine.dispose()
    if current != newest_revision():
        raise DatabaseError("the database has an older schema than this program: run `hearthbot migrate`")


def newest_revision() -> str:
    """The schema that this program was written for."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None  # noqa: S101 - the migrations are part of this package
    return head


def configuration() -> Config:
    """Where Alembic finds the migrations; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("storage") / "migrations"))
    return config


def migration_engine(url: str) -> Engine:
    """A synchronous engine that works on the database of `DATABASE_URL`.

    On SQLite its transactions include the schema itself, and foreign keys are not enforced: Alembic rebuilds tables,
    and a rebuilt table must not take the rows that refer to it along.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address)
    from sqlalchemy import event

    engine = create_engine(address.set(drivername="sqlite"), connect_args={"timeout": 5})

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # the driver's: we begin transactions ourselves

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _known_revision(connection: Connection) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseError(
            f"the database was made by a newer Hearthbot (schema {current}): install that version, or restore a backup"
        )
    return current


def _is_ahead(current: str | None, wanted: str) -> bool:
    ordered = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]
    return wanted != "base" and (current is None or ordered.index(wanted) <= ordered.index(current))


def _explain(error: DriverError) -> str:
    reason = " ".join(str(error.orig).split())
    return f"the database cannot be used: {reason}. Check DATABASE_URL, the rights of the file and the free disk space"
