"""Servers of graphs beside ours, over HTTP on one PostgreSQL: graph_peers.py ASK

ASK is a file of JSON: `admin`, the address of a PostgreSQL; `server`, the process id of its main process; `folder`, where
the peers' programs are, with `seed.sql` for their tables; `work`, where their packages go; `ours`, with `url`, `token`,
`pid`; `seconds`, `rounds`, `connections`; `queries`, each with `name` and `bodies`, the bodies that ours is asked.

The peers have tables of their own of the same size: customers, three source records each, invoices and tickets. They know
no rights, no provenance and no versions. Needs `wrk`, `node`, `npm` and `psql`. Prints one JSON object: a list of rows.
"""
import base64
import glob
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request

ask = json.load(open(sys.argv[1], encoding="utf-8"))
work, here = ask["work"], os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
CUSTOMERS = 100_000
PAIRS = [("Berlin", "smb"), ("Oslo", "smb"), ("Paris", "mid"), ("Roma", "enterprise")]

PLAIN = [
    "query($id:Int!){customer(id:$id){id name email city creditLimitCents}}",
    "query($first:Int!,$offset:Int!){customers(first:$first,offset:$offset){id name email "
    "invoices(first:5){id number amountCents status issuedAt} tickets(first:5){id subject status openedAt}}}",
    "query($filter:Filter!,$first:Int!,$offset:Int!){customerPage(filter:$filter,first:$first,offset:$offset)"
    "{totalCount nodes{id name email createdAt}}}",
]
GRAPHILE = [
    "query($id:BigInt!){customerByRowId(rowId:$id){rowId name email city creditLimitCents}}",
    "query($first:Int!,$after:Cursor!){allCustomers(first:$first,after:$after,orderBy:[ROW_ID_ASC]){nodes{rowId name email "
    "invoicesByCustomerId(first:5,orderBy:[ISSUED_AT_DESC,ROW_ID_DESC]){nodes{rowId number amountCents status issuedAt}} "
    "ticketsByCustomerId(first:5,orderBy:[OPENED_AT_DESC,ROW_ID_DESC]){nodes{rowId subject status openedAt}}}}}",
    "query($c:String!,$s:String!,$first:Int!,$offset:Int!){allCustomers(first:$first,offset:$offset,"
    "condition:{city:$c,segment:$s},orderBy:[CREATED_AT_DESC,ROW_ID_DESC]){totalCount nodes{rowId name email createdAt}}}",
]


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, **more):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, **more).stdout


def installed(name):
    """The folder of a peer with its packages."""
    folder = os.path.join(work, "graphql", name)
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        say(f"installing {name} (once)")
        shutil.copytree(os.path.join(ask["folder"], "peers", name), folder, dirs_exist_ok=True)
        run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=folder)
    return folder


def post(url, body):
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=10))


def start(command, folder, url, database):
    """A peer, once it answers."""
    server = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "DATABASE_URL": database}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            post(url, {"query": "{__typename}"})
            return server
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    server.kill()
    raise RuntimeError(f"{command[-2]} does not answer")


def ticks(pid):
    fields = open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS, (int(fields[13]) + int(fields[14])) / TICKS


def database_cpu():
    """Of PostgreSQL's main process, of those that have ended, and of those that run."""
    together = 0.0
    for path in glob.glob("/proc/[0-9]*"):
        try:
            pid = int(path.rsplit("/", 1)[1])
            parent, own, ended = ticks(pid)
            together += own + ended if pid == ask["server"] else own if parent == ask["server"] else 0.0
        except OSError:
            pass
    return together


def variables(query, graphile, digest):
    chance = random.Random(7)
    for _ in range(2000):
        if query == 0:
            one = chance.randint(1, CUSTOMERS)
            yield {"id": str(one) if graphile else one}
        elif query == 1:
            after = chance.randint(0, CUSTOMERS - 100)
            cursor = base64.b64encode(json.dumps([digest, str(after)], separators=(",", ":")).encode()).decode()
            yield {"first": 50, "after": cursor} if graphile else {"first": 50, "offset": after}
        else:
            (city, segment), offset = chance.choice(PAIRS), chance.randint(0, 200)
            filtered = {"c": city, "s": segment} if graphile else {"filter": {"city": city, "segment": segment}}
            yield {"first": 20, "offset": offset, **filtered}


def written(name, bodies):
    path = os.path.join(work, f"bodies-{name}.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(body) + "\n" for body in bodies)
    return path


def measure(target, query, seconds):
    before = ticks(target["pid"])[1], database_cpu()
    said = run(
        "wrk", "-t1", f"-c{ask['connections']}", f"-d{seconds}s", "--timeout", "30s", "-s", f"{here}/wrk.lua",
        target["url"], env={**os.environ, "BODIES": target["bodies"][query], "TOKEN": target["token"]},
    )
    own, database = ticks(target["pid"])[1] - before[0], database_cpu() - before[1]
    found = json.loads(said.split("JSON ", 1)[1])
    asked = max(found["asked"], 1)
    return {
        "per_s": asked / found["seconds"], "p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"],
        "server_ms": own * 1e3 / asked, "database_ms": database * 1e3 / asked, "bytes": found["bytes"] / asked,
        "failed": found["failed"],
    }


def peers(database):
    node22 = run("npx", "-y", "node@22", "-p", "process.execPath").strip()
    wanted = [
        ("PostGraphile 5", "postgraphile", [node22, "server.mjs", "4301"], "http://127.0.0.1:4301/graphql", True),
        ("Apollo Server 5, DataLoader", "node", ["node", "apollo.mjs", "4302"], "http://127.0.0.1:4302/", False),
        ("Mercurius 16, DataLoader", "node", ["node", "mercurius.mjs", "4304"], "http://127.0.0.1:4304/graphql", False),
    ]
    for name, folder, command, url, graphile in wanted:
        try:
            server = start(command, installed(folder), url, database)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            say(f"skipped: {name}, because {error}")
            continue
        digest = ""
        if graphile:
            info = post(url, {"query": "{allCustomers(first:1,orderBy:[ROW_ID_ASC]){pageInfo{endCursor}}}"})
            digest = json.loads(base64.b64decode(info["data"]["allCustomers"]["pageInfo"]["endCursor"]))[0]
        documents = GRAPHILE if graphile else PLAIN
        bodies = [
            [{"query": document, "variables": one} for one in variables(query, graphile, digest)]
            for query, document in enumerate(documents)
        ]
        for of_query in bodies:
            answer = post(url, of_query[0])
            if "errors" in answer or not answer.get("data"):
                raise RuntimeError(f"{name} answers {json.dumps(answer)[:300]}")
        files = [written(f"{folder}-{command[-1]}-{query}", of_query) for query, of_query in enumerate(bodies)]
        yield {"name": name, "url": url, "token": "", "pid": server.pid, "bodies": files, "process": server}


def seeded():
    """The peers' tables, in a database of their own."""
    database = ask["admin"].rsplit("/", 1)[0] + "/bench_crm"
    run("psql", "-qX", ask["admin"], "-c", "drop database if exists bench_crm with (force)", "-c", "create database bench_crm")
    run("psql", "-qX", "-v", "ON_ERROR_STOP=1", database, "-f", os.path.join(ask["folder"], "seed.sql"))
    return database


say("filling the peers' tables")
database = seeded()
ours = {**ask["ours"], "name": "onefold"}
ours["bodies"] = [written(f"onefold-{query}", of["bodies"]) for query, of in enumerate(ask["queries"])]
targets = [ours, *peers(database)]
rows = []
try:
    for query, of in enumerate(ask["queries"]):
        found = [[] for _ in targets]
        for target in targets:
            measure(target, query, 2)
        for turn in range(ask["rounds"]):
            say(f"{of['name']}: round {turn + 1} of {ask['rounds']}")
            for place in range(len(targets)) if turn % 2 == 0 else reversed(range(len(targets))):
                found[place].append(measure(targets[place], query, ask["seconds"]))
        for target, rounds in zip(targets, found):
            middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
            middle["failed"] = sum(one["failed"] for one in rounds)
            rows.append({"query": of["name"], "name": target["name"], **middle})
finally:
    for target in targets[1:]:
        target["process"].kill()
print(json.dumps({"cpu_s": 0, "rows": rows}))
