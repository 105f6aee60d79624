"""A Singer tap into a Singer target: singer_load.py FILE URL TAP TARGET

TAP and TARGET are the folders with their programs. The tap reads messages, so the lines of FILE are first written as
messages into a file beside it, which is not measured. The target merges by key into one table, with COPY. Prints one JSON
object: rows, wall seconds and processor seconds of the two programs, their start included.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

path, url, tap, target = sys.argv[1:]
scratch = tempfile.TemporaryDirectory(prefix="onefold-bench-")
place = lambda name: os.path.join(scratch.name, name)


def write(name, value):
    with open(place(name), "w", encoding="utf-8") as file:
        json.dump(value, file)
    return place(name)


os.mkdir(place("in"))
with open(path, encoding="utf-8") as lines, open(place("in/customers.singer"), "w", encoding="utf-8") as messages:
    rows = 0
    for line in lines:
        if rows == 0:
            fields = {name: {"type": ["string", "null"]} for name in json.loads(line)}
            schema = {"type": "object", "properties": fields}
            head = {"type": "SCHEMA", "stream": "customers", "schema": schema, "key_properties": ["id"]}
            messages.write(json.dumps(head) + "\n")
        messages.write('{"type": "RECORD", "stream": "customers", "record": ' + line.rstrip("\n") + "}\n")
        rows += 1

scheme, rest = url.split("://", 1)
tap_config = write("tap.json", {
    "source": "local",
    "local": {"folders": [place("in")], "recursive": False, "paths": []},
    "add_record_metadata": False,
})
target_config = write("target.json", {
    "sqlalchemy_url": f"postgresql+psycopg://{rest}", "default_target_schema": "singer", "use_copy": True,
})


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


wall, cpu = time.monotonic(), cpu_s()
quiet = {"stderr": open(place("errors"), "w", encoding="utf-8")}
taps = subprocess.Popen([f"{tap}/tap-singer-jsonl", "--config", tap_config], stdout=subprocess.PIPE, **quiet)
loads = subprocess.Popen(
    [f"{target}/target-postgres", "--config", target_config], stdin=taps.stdout, stdout=subprocess.DEVNULL, **quiet
)
taps.stdout.close()
failed = loads.wait() or taps.wait()
wall, cpu = time.monotonic() - wall, cpu_s() - cpu
said = open(place("errors"), encoding="utf-8").read()
# A tap that finds nothing to read ends as well as any.
if failed or f" {rows} records" not in said:
    sys.exit(said[-2000:] or f"ended with {failed}")
print(json.dumps({"rows": rows, "wall_s": wall, "cpu_s": cpu}))
