"""dlt loading a file of JSON lines: dlt_load.py FILE sqlite|postgres|duckdb PLACE

`merge` by key, as a sync does it that may run twice, in one table without history. Prints one JSON object: rows, wall
seconds and processor seconds of reading, normalising and loading, without the start of Python.
"""
import json
import os
import resource
import sys
import tempfile
import time


def cpu_s():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


path, destination, place = sys.argv[1:]
scratch = tempfile.TemporaryDirectory(prefix="onefold-bench-")
folder = scratch.name
os.environ["DLT_DATA_DIR"] = folder
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt


def with_password(url):
    """dlt asks for a password also where the server does not."""
    scheme, rest = url.split("://", 1)
    user, at, server = rest.partition("@")
    return url if not at or ":" in user else f"{scheme}://{user}:none@{server}"


targets = {
    "sqlite": lambda: dlt.destinations.sqlalchemy(f"sqlite:///{place}"),
    "postgres": lambda: dlt.destinations.postgres(with_password(place)),
    "duckdb": lambda: dlt.destinations.duckdb(place),
}


@dlt.resource(name="customers", primary_key="id", write_disposition="merge")
def customers():
    with open(path, encoding="utf-8") as lines:
        page = []
        for line in lines:
            page.append(json.loads(line))
            if len(page) == 500:
                yield page
                page = []
        yield page


pipeline = dlt.pipeline(
    pipeline_name=f"bench_{destination}", destination=targets[destination](), dataset_name="bench", pipelines_dir=folder
)
wall, cpu = time.monotonic(), cpu_s()
pipeline.run(customers())
wall, cpu = time.monotonic() - wall, cpu_s() - cpu
rows = pipeline.last_trace.last_normalize_info.row_counts["customers"]
print(json.dumps({"rows": rows, "wall_s": wall, "cpu_s": cpu}))
