"""Ours, Splink and GoldenMatch on labelled sets: one table. Called by scripts/bench-matching, which says what it needs."""
import json
import os
import re
import subprocess
import sys

DATA, GEN, PEERS, SCORE = (os.environ[name] for name in ("DATA", "GEN", "PEERS", "SCORE"))


def folder(name):
    """Where a set is; none where it is not."""
    for parent in (DATA, GEN):
        path = os.path.join(parent, name)
        if os.path.exists(os.path.join(path, "truth.csv")):
            return path
    return None


def run(command, **more):
    """The output of a program; none where it failed, which is said."""
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, **more))
    if done.returncode != 0:
        print(f"skipped: {' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return done.stdout


def ours(path):
    """What our example prints, as figures."""
    files = [name for name in ("records.csv", "a.csv", "b.csv") if os.path.exists(os.path.join(path, name))]
    text = run([SCORE, "--thresholds"] + [os.path.join(path, name) for name in files + ["truth.csv"]])
    if text is None:
        return None

    def figure(pattern):
        found = re.search(pattern, text)
        return float(found.group(1)) if found else None

    return {
        "f1": figure(r"F1 ([\d.]+)"),
        "best": figure(r"best F1 ([\d.]+)"),
        "cpu": figure(r"CPU ([\d.]+) s"),
        "mb": figure(r"peak (\d+) MB"),
        "pairs": figure(r"pairs (\d+)"),
    }


def peer(python, program, name, **more):
    """What a peer's program reports, as figures."""
    text = run([python, os.path.join(PEERS, program), name], **more)
    if text is None:
        return None
    report = json.loads(text.strip().splitlines()[-1])
    best = report.get("best_cluster")
    return {
        "f1": report["cluster_at_095"]["F1"],
        "best": best[1]["F1"] if best else None,
        "cpu": report["total"]["cpu"],
        "mb": report["total"]["rss_mb"],
        "pairs": report.get("candidate_pairs"),
    }


def contestants(name, path):
    """Who runs on a set."""
    yield "onefold, no configuration", ours(path)
    if os.environ["SPLINK"]:
        yield "Splink 5.0.0, tuned for the set", peer(os.environ["SPLINK"], "splink_bench.py", name)
        if name.startswith("crm"):
            yield "Splink 5.0.0, the same, quick training", peer(os.environ["SPLINK"], "splink_bench.py", name, FAST="1")
    if os.environ["GOLDENMATCH"] and name not in ("febrl4", "crm_1m"):
        yield "GoldenMatch 3.22, no configuration", peer(os.environ["GOLDENMATCH"], "gm_bench.py", name)


def written(value, form):
    return format(value, form) if isinstance(value, (int, float)) else ""


def main():
    print(f"| {'set':18} | {'':38} | F1 at 0.95 | best F1 | pairs     | CPU s  | peak MB | our CPU is |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for name in sys.argv[1:]:
        path = folder(name)
        if path is None:
            print(f"skipped: {name} is not there", file=sys.stderr)
            continue
        own = None
        for who, found in contestants(name, path):
            if found is None:
                continue
            own = own or found["cpu"]
            ratio = f"1/{found['cpu'] / own:.1f}" if own and found["cpu"] != own else ""
            print(
                f"| {name:18} | {who:38} | {written(found['f1'], '10.4f')} | {written(found['best'], '7.4f')} "
                f"| {written(found['pairs'], '9.0f')} | {written(found['cpu'], '6.2f')} | {written(found['mb'], '7.0f')} "
                f"| {ratio:>10} |",
                flush=True,
            )


main()
