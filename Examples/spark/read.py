# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0

"""Reads what "try" wrote into FOLDER with Spark, DuckDB, polars and Dask.

Each line printed has the file, the parts in which it was read, and the number of rows and the sum
of amounts that came out. Ends with 1 if a program reads other rows, or in other parts, than README says.
"""

import csv
import importlib.metadata
import importlib.util
import os
import pathlib
import sys

import dask
import dask.dataframe
import duckdb
import pyspark
from pyspark.sql import SparkSession, functions

# As many as the others have here; it is read when polars is imported.
os.environ["POLARS_MAX_THREADS"] = "2"
import polars

folder = pathlib.Path(sys.argv[1]).resolve()
with open(folder / "orders.csv") as file:
    amounts = [int(row[1]) for row in csv.reader(file)]
WANTED = (len(amounts), sum(amounts))
faults = []


def report(name, parts, rows, total, holds):
    print(f"  {name}: {parts}, {rows} rows, amounts {total}", flush=True)
    if not holds:
        faults.append(name)


HADOOP = ["org.apache.hadoop.io.compress." + name for name in ("DefaultCodec", "GzipCodec")]
HAIL = "is.hail.io.compress."


def archive():
    """hail's Java archive, without importing its Python."""
    package = pathlib.Path(importlib.util.find_spec("hail").origin).parent
    return str(package / "backend" / "hail-all-spark.jar")


def spark_session():
    settings = {
        "spark.jars": archive(),
        # No more of a file goes into one part, if Hadoop can cut it.
        "spark.sql.files.maxPartitionBytes": "4m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("orders")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def read_by_spark(session, name):
    """The rows of each part, and the sum of the amounts of all."""
    table = session.read.csv(str(folder / name), schema="number long, amount long, note string")
    parts = table.groupBy(functions.spark_partition_id()).agg(
        functions.count("*"), functions.sum("amount"))
    found = parts.collect()
    return [row[1] for row in found], sum(row[2] or 0 for row in found)


def try_spark(session, codecs, files):
    """Each file, with whether it is to come out whole and in how many parts at least."""
    hadoop = session.sparkContext._jsc.hadoopConfiguration()
    hadoop.set("io.compression.codecs", ",".join(codecs))
    print("codecs", ", ".join(codec.split(".")[-1] for codec in codecs))
    for name, is_whole, is_cut in files:
        try:
            parts, total = read_by_spark(session, name)
        except Exception as error:
            causes = [line for line in str(error).splitlines() if line.startswith("Caused by: java")]
            print(f"  {name}: {causes[0] if causes else error}", flush=True)
            if is_whole:
                faults.append(name)
            continue
        said = f"{len(parts)} parts" if len(parts) > 1 else "1 part"
        holds = ((sum(parts), total) == WANTED) == is_whole and (len(parts) > 1) == is_cut
        report(name, said, sum(parts), total, holds)


session = spark_session()
java = session.sparkContext._jvm.java.lang.System.getProperty("java.version")
hail = importlib.metadata.version("hail")
print(f"Spark {pyspark.__version__} (Hadoop "
      f"{session.sparkContext._jvm.org.apache.hadoop.util.VersionInfo.getVersion()}), hail {hail}, Java {java}")
try_spark(session, HADOOP + [HAIL + "BGzipCodec"], [
    ("orders.csv", True, True),
    ("orders.csv.bgz", True, True),
    ("orders.csv.gz", True, False),
    ("members.csv.gz", True, False),
    ("parts", True, True),
    ("orders.csv.deflate", True, False),
    ("orders.csv.zz", False, True),
    ("raw.csv.deflate", False, False),
])
try_spark(session, HADOOP, [("orders.csv.bgz", False, True)])
try_spark(session, HADOOP[:1] + [HAIL + "BGzipCodecGZ"], [
    ("members.csv.gz", True, True),
    ("orders.csv.gz", False, False),
])
session.stop()

one, many = str(folder / "orders.csv.gz"), str(folder / "parts" / "*.csv.gz")
bgz = str(folder / "orders.csv.bgz")
columns = "{'number': 'BIGINT', 'amount': 'BIGINT', 'note': 'VARCHAR'}"
print("DuckDB", duckdb.__version__)
duckdb.sql("SET threads = 2")
for name, path in ("parts", many), ("orders.csv.gz", one), ("orders.csv.bgz", bgz):
    found = duckdb.sql(
        f"SELECT count(*), sum(amount) FROM read_csv('{path}', columns = {columns}, "
        "header = false, compression = 'gzip')").fetchall()[0]
    report(name, "2 threads", *found, found == WANTED)

print("polars", polars.__version__)
for name, path in ("parts", many), ("orders.csv.gz", one), ("orders.csv.bgz", bgz):
    table = polars.scan_csv(path, has_header=False, new_columns=["number", "amount", "note"])
    found = table.select(polars.len(), polars.col("amount").sum()).collect().row(0)
    report(name, f"{polars.thread_pool_size()} threads", *found, found == WANTED)

print("Dask", dask.__version__)
for name, path, wanted in ("parts", many, 8), ("orders.csv.gz", one, 1), ("orders.csv.bgz", bgz, 1):
    table = dask.dataframe.read_csv(
        path, compression="gzip", blocksize=None, header=None, names=["number", "amount", "note"])
    found = dask.compute(table.shape[0], table["amount"].sum(), scheduler="threads", num_workers=2)
    found = tuple(map(int, found))
    parts = f"{table.npartitions} parts" if table.npartitions > 1 else "1 part"
    report(name, parts, *found, found == WANTED and table.npartitions == wanted)

if faults:
    sys.exit("other than README says: " + ", ".join(faults))
print("all as README says")
