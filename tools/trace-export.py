#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Exports the traces of an SQLite file (cellfree-isac-example --database, cellfree-isac-compare) as one file per trace:
TABLE.csv.gz, which needs nothing but Python, or TABLE.parquet, which needs pyarrow. Rows go from file to file, in the
order of RunId and Row: memory does not grow with them. A file is there when it is complete.
"""

import argparse
import csv
import gzip
import io
import os
import pathlib
import sqlite3
import sys

BATCH = 50_000  # rows of a Parquet row group
SCHEMA_VERSION = 2  # see CellFreeTraceDatabase::SCHEMA_VERSION


class ExportError(Exception):
    """What is wrong, in one line."""


def quoted(name):
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def find_tables(base, path):
    """The views of traces, and runs: name and columns of each."""
    version = base.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ExportError(f"{path}: schema version {version}: expected at most {SCHEMA_VERSION}")
    tables = {}
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name").fetchall():
        columns = [row[1] for row in base.execute(f"PRAGMA table_info({quoted(name)})")]
        if "SimTag" in columns:
            tables[name] = columns
    if "runs" not in tables:
        raise ExportError(f"{path}: no table runs: expected a database of traces")
    return tables


def select(base, table, columns, where):
    """A cursor over the rows of a table that meet a condition on the columns of runs."""
    order = [name for name in ("RunId", "Row") if name in columns] or ["rowid"]
    condition = f" WHERE {where}" if where else ""
    return base.execute(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table)}{condition}"
                        f" ORDER BY {', '.join(order)}")


def write_csv(cursor, columns, path):
    """Writes rows as CSV, packed; NULL is an empty field."""
    count = 0
    # Neither name nor time in the header: the same rows are the same bytes.
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as packed, \
            io.TextIOWrapper(packed, "utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for row in cursor:
            writer.writerow(row)
            count += 1
    return count


def column_types(base, table, columns, where):
    """What SQLite holds in each column: double where a value is real, int64 where all are integers, else string."""
    queries = ", ".join(f"max(typeof({quoted(name)}) = 'text'), max(typeof({quoted(name)}) = 'real'), "
                        f"max(typeof({quoted(name)}) = 'integer')" for name in columns)
    condition = f" WHERE {where}" if where else ""
    found = base.execute(f"SELECT {queries} FROM {quoted(table)}{condition}").fetchone()
    kinds = []
    for i in range(len(columns)):
        has_text, has_real, has_integer = found[3 * i:3 * i + 3]
        kinds.append("string" if has_text else "int64" if has_integer and not has_real else "double")
    return kinds


def write_parquet(cursor, columns, kinds, path):
    """Writes rows as Parquet; NULL is null."""
    import pyarrow
    import pyarrow.parquet
    make = {"string": pyarrow.string, "int64": pyarrow.int64, "double": pyarrow.float64}
    convert = {"string": str, "int64": int, "double": float}
    schema = pyarrow.schema([(name, make[kind]()) for name, kind in zip(columns, kinds)])
    count = 0
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while True:
            rows = cursor.fetchmany(BATCH)
            if not rows and count:
                return count
            arrays = [pyarrow.array([None if row[i] is None else convert[kind](row[i]) for row in rows], make[kind]())
                      for i, kind in enumerate(kinds)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            count += len(rows)
            if not rows:
                return count


def export(base, table, columns, options):
    """Writes one table beside its place, and puts it there."""
    ending = "csv.gz" if options.format == "csv" else "parquet"
    path = pathlib.Path(options.outputDir) / f"{table}.{ending}"
    part = path.with_name(path.name + ".part")
    try:
        if options.format == "csv":
            count = write_csv(select(base, table, columns, options.where), columns, part)
        else:
            kinds = column_types(base, table, columns, options.where)
            count = write_parquet(select(base, table, columns, options.where), columns, kinds, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    print(f"{path}: {count} rows")


def main():
    """Exports what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0] + ".")
    parser.add_argument("database", help="the SQLite file")
    parser.add_argument("--outputDir", default=".", help="folder of the files, created if missing [.]")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="csv (packed by gzip) or parquet [csv]")
    parser.add_argument("--tables", default="", help="names separated by commas, such as UeTrace,runs; empty for all")
    parser.add_argument("--where", default="", help="SQL condition on Seed, Run, Policy, SensingWeight, SimTag or RunId, "
                        "such as \"Run <= 3 AND Policy = 'gnn'\"; empty for all runs")
    options = parser.parse_args()
    if options.format == "parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise ExportError("--format=parquet: Python has no pyarrow: expected it (pip install pyarrow), or --format=csv") from None
    if not os.path.isfile(options.database):
        raise ExportError(f"{options.database}: no such file: expected a database of traces")
    base = sqlite3.connect(pathlib.Path(options.database).resolve().as_uri() + "?mode=ro", uri=True)
    try:
        tables = find_tables(base, options.database)
        wanted = [name for name in options.tables.split(",") if name] or list(tables)
        for name in wanted:
            if name not in tables:
                raise ExportError(f"--tables: '{name}': expected some of {', '.join(tables)}")
        if options.where:
            # Read-only and on the table of runs: what is no condition on them is refused before a file is written.
            base.execute(f"SELECT count(*) FROM runs WHERE ({options.where})").fetchone()
            options.where = f"({options.where})"
        os.makedirs(options.outputDir, exist_ok=True)
        for name in wanted:
            export(base, name, tables[name], options)
    except sqlite3.Error as error:
        raise ExportError(f"{options.database}: {error}") from None
    finally:
        base.close()


if __name__ == "__main__":
    try:
        main()
    except (ExportError, OSError) as problem:
        sys.exit(f"trace-export.py: {problem}")
