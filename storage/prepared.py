"""Statements that every post, update or check-in makes: put together once, and handed straight to the driver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement whose values are all named by `bindparam`.

    SQLAlchemy's own execution takes ten to twenty times as long as such a statement takes SQLite.
    """

    statement: Executable
    _forms: dict[str, "_Form"] = field(default_factory=dict)

    def rows(self, connection: Connection, **values: Any) -> Sequence[Sequence[Any]]:
        """What a selection found, or a change returned."""
        return self._form(connection).run(connection, values)[0]

    def change(self, connection: Connection, **values: Any) -> int:
        """How many rows were changed."""
        return self._form(connection).run(connection, values)[1]

    def _form(self, connection: Connection) -> "_Form":
        form = self._forms.get(connection.dialect.driver)
        if form is None:
            form = self._forms[connection.dialect.driver] = _Form.of(self.statement, connection.dialect)
        return form


@dataclass(frozen=True, slots=True)
class _Form:
    """The statement as one driver takes it: with its values in their order, or by their names."""

    sql: str
    is_positional: bool
    defaults: Mapping[str, Any]
    to_driver: Sequence[tuple[str, Convert | None]]
    from_driver: Sequence[Convert | None]

    @classmethod
    def of(cls, statement: Executable, dialect: Dialect) -> "_Form":
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - no other kind has values
        assert isinstance(statement, ReturnsRows)  # noqa: S101 - a selection, or a change, perhaps with RETURNING
        given = {name: _known(bind.type, dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        return cls(
            sql=compiled.string,
            is_positional=compiled.positiontup is not None,
            defaults={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
            to_driver=[(name, given[name]) for name in compiled.positiontup or given],
            from_driver=[
                _known(column.type, dialect).result_processor(dialect, None) for column in statement.exported_columns
            ],
        )

    def run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Sequence[Sequence[Any]], int]:
        given = {**self.defaults, **values}
        named = [(name, convert(given[name]) if convert else given[name]) for name, convert in self.to_driver]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self.sql, [value for _, value in named] if self.is_positional else dict(named))
            rows = cursor.fetchall() if self.from_driver else ()
            return [self._read(row) for row in rows], cursor.rowcount
        except connection.dialect.loaded_dbapi.Error as error:
            base = connection.dialect.loaded_dbapi.Error
            raise DBAPIError.instance(self.sql, None, error, base, dialect=connection.dialect) from error
        finally:
            cursor.close()

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        return [convert(value) if convert else value for convert, value in zip(self.from_driver, row, strict=True)]


def _known(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """The type as the dialect has it."""
    return kind.dialect_impl(dialect)
