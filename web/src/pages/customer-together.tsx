// How a customer is held together: its records as a graph and as a table, how it grew, and splitting it by ticking.
import { Link } from "@tanstack/react-router";
import { useMemo, useState, useSyncExternalStore } from "react";
import { useQuery } from "urql";
import { FormationQuery } from "../documents";
import type { FormationQuery as FormationData } from "../gql/graphql";
import { Fields, Waterfall } from "../ui/evidence";
import { apart, inLines, layOut, lineOf } from "../ui/graph";
import { Badge, Empty, Failed, Waiting } from "../ui/parts";
import { percent, plain, plural } from "../words";
import { Merge } from "./customer-merge";
import { Split } from "./customer-split";

type Formation = NonNullable<FormationData["explainCustomer"]>;
interface Bond { a: string; b: string; probability: number | null; isWeakest: boolean; isDecided: boolean }

/** More than these are a table: a drawing of them says nothing. */
const MOST_DRAWN = 24;
const FALLBACKS = ["name", "company", "e-mail"];

const bondsOf = ({ steps, weakestBridge: weakest }: Formation): Bond[] => steps.flatMap(({ pair, decision }) => {
  const [a, b] = [pair.leftRecord?.id, pair.rightRecord?.id];
  if (!a || !b) return [];
  const ends = [weakest?.pair.leftRecord?.id, weakest?.pair.rightRecord?.id];
  return [{ a, b, probability: pair.probability ?? null, isDecided: decision !== null && decision !== undefined, isWeakest: ends.includes(a) && ends.includes(b) }];
});

/** What a record calls itself, as the comparisons quote it: a system that splits names says the parts, others the whole. */
const namesOf = (of: Formation) => {
  const said = new Map<string, Map<string, string>>();
  for (const { pair } of of.steps) for (const line of pair.evidence) for (const [record, text] of [[pair.leftRecord, line.left], [pair.rightRecord, line.right]] as const) {
    if (record && text) said.set(record.id, (said.get(record.id) ?? new Map<string, string>()).set(plain(line.attribute).toLowerCase(), text));
  }
  return new Map([...said].flatMap(([id, words]) => {
    const whole = [...new Set(["given name", "family name"].flatMap((part) => words.get(part) ?? []))].join(" ");
    const name = whole || FALLBACKS.map((wanted) => words.get(wanted)).find(Boolean);
    return name ? [[id, name] as const] : [];
  }));
};

const bondText = (bond: Bond | undefined) => (!bond ? "" : bond.isDecided ? "decided by a steward" : bond.probability === null ? "not shown to you" : percent(bond.probability));

interface View { of: Formation; bonds: readonly Bond[]; names: ReadonlyMap<string, string>; ticked: ReadonlySet<string>; toggle: (id: string) => void }

/** In rem, of a record on a line of its own. */
const LINE = 4.6;
const NARROW = matchMedia("(max-width: 700px)");
const onNarrow = (act: () => void) => { NARROW.addEventListener("change", act); return () => NARROW.removeEventListener("change", act); };

const Graph = ({ of, bonds, names, ticked, toggle }: View) => {
  const isNarrow = useSyncExternalStore(onNarrow, () => NARROW.matches);
  const rem = isNarrow ? Math.max(10, of.records.length * LINE) : 14 + of.records.length * 1.6;
  const { spots, lines } = useMemo(() => {
    const free = layOut(of.records.map((record) => record.id), bonds);
    const placed = isNarrow ? inLines(free) : apart(free, { w: 21, h: 320 / rem });
    const drawn = bonds.flatMap((bond) => {
      const [a, b] = [placed.get(bond.a), placed.get(bond.b)];
      return a && b ? [{ bond, key: `${bond.a}${bond.b}`, ...lineOf(a, b, isNarrow ? "around" : "straight") }] : [];
    });
    // Where numbers would lie over each other, or over a record, the first is shown; the table has all of them.
    const near = (one: { x: number; y: number }, other: { x: number; y: number }) => Math.abs(one.x - other.x) < (isNarrow ? 20 : 8) && Math.abs(one.y - other.y) < 130 / rem;
    const isFree = ({ y }: { y: number }) => !isNarrow || [...placed.values()].every((spot) => Math.abs(spot.y - y) > 200 / rem);
    return { spots: placed, lines: drawn.map((line, at) => ({ ...line, isTold: isFree(line.middle) && !drawn.slice(0, at).some((other) => near(other.middle, line.middle)) })) };
  }, [of, bonds, isNarrow, rem]);
  return (
    <div className="graph" style={{ height: `${rem}rem` }} role="group" aria-label="Records and what links them">
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
        {lines.map(({ bond, key, path }) => <path key={key} d={path} className={bond.isWeakest ? "weakest" : bond.isDecided ? "decided" : ""} strokeWidth={1 + 4 * (bond.probability ?? 0.5)} vectorEffect="non-scaling-stroke" />)}
      </svg>
      {lines.map(({ bond, key, middle, isTold }) => (isTold ? <small key={key} className="bond" style={{ left: `${middle.x}%`, top: `${middle.y}%` }}>{bond.isDecided ? "steward" : bond.probability === null ? "?" : percent(bond.probability)}</small> : null))}
      {of.records.map((record) => {
        const spot = spots.get(record.id);
        const name = names.get(record.id) ?? record.externalId ?? "a record";
        return spot ? (
          <button key={record.id} type="button" className="node" title={name} aria-pressed={ticked.has(record.id)} style={{ left: `${spot.x}%`, top: `${spot.y}%` }} onClick={() => toggle(record.id)}>
            <bdi>{name}</bdi><small>{record.source?.title ?? "a source"}</small>
          </button>
        ) : null;
      })}
    </div>
  );
};

const Table = ({ of, bonds, names, ticked, toggle }: View) => {
  const weak = of.weakestBridge;
  return (
    <table className="stack">
      <caption className="sr">Records and their links</caption>
      <thead><tr><th><span className="sr">Moves out</span></th><th>Record</th><th>Source</th><th>Strongest link</th><th>Weakest link</th>{weak ? <th>If it broke</th> : null}</tr></thead>
      <tbody>
        {of.records.map((record) => {
          const own = bonds.filter(({ a, b }) => a === record.id || b === record.id).toSorted((one, other) => (other.probability ?? 0) - (one.probability ?? 0));
          const name = names.get(record.id) ?? record.externalId ?? "a record";
          return (
            <tr key={record.id}>
              <td><label className="tick"><input type="checkbox" checked={ticked.has(record.id)} onChange={() => toggle(record.id)} /><span className="sr">{name} of {record.source?.title ?? "a source"} moves out</span></label></td>
              <td data-of="Record"><bdi>{name}</bdi> <code>{record.externalId ?? ""}</code></td>
              <td data-of="Source">{record.source?.title ?? "not shown to you"}</td>
              <td data-of="Strongest link">{bondText(own[0])}</td>
              <td data-of="Weakest link">{bondText(own.at(-1))}</td>
              {weak ? <td data-of="If it broke">{weak.leftGroup.some((one) => one.id === record.id) ? "A" : weak.rightGroup.some((one) => one.id === record.id) ? "B" : ""}</td> : null}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

const Grown = ({ of }: { of: Formation }) => (
  <section aria-labelledby="grown">
    <h2 id="grown">How it grew</h2>
    <ol className="records">
      {of.steps.map((step, at) => (
        <li key={at}>
          <details>
            <summary>
              {step.decision ? <Badge tone="busy">a steward decided</Badge> : <Badge>{typeof step.pair.probability === "number" ? percent(step.pair.probability) : "score not shown to you"}</Badge>}{" "}
              {step.pair.leftRecord?.source?.title ?? "A record"} and {step.pair.rightRecord?.source?.title ?? "a record"}: {plural(step.recordCount, "record")} together
              <small>{step.decision ? `${step.decision.by}: ${step.decision.reason}` : step.pair.sentence ?? "A part of the evidence is withheld from you."}</small>
            </summary>
            <div className="pair-body"><Fields of={step.pair} /><Waterfall of={step.pair} /></div>
          </details>
        </li>
      ))}
    </ol>
  </section>
);

export default function Together({ id }: { id: string }) {
  const [read, again] = useQuery({ query: FormationQuery, variables: { id } });
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [isTable, setTable] = useState(false);
  const of = read.data?.explainCustomer;
  const bonds = useMemo(() => (of ? bondsOf(of) : []), [of]);
  const names = useMemo(() => (of ? namesOf(of) : new Map<string, string>()), [of]);
  if (read.error && !of) return <Failed error={read.error} />;
  if (!of && read.fetching) return <Waiting rows={8} />;
  if (!of) return <Empty>How a customer is held together is told to those who review for the departments of all its records.</Empty>;
  const toggle = (record: string) => setTicked((was) => { const next = new Set(was); if (!next.delete(record)) next.add(record); return next; });
  const weak = of.weakestBridge;
  const canDraw = of.records.length <= MOST_DRAWN && of.records.length > 1;
  const view = { of, bonds, names, ticked, toggle };
  const [one, other] = [...ticked];
  return (
    <div className="together">
      <p>{plural(of.records.length, "record")}, held together by {plural(of.pairCount, "pair")}. {of.records.length > 1 && !weak ? "No single pair holds it together: it would not fall apart if one broke." : ""}</p>
      {weak ? <p className="note">The weakest bridge {typeof weak.pair.probability === "number" ? `is ${percent(weak.pair.probability)} sure` : "is withheld from you"}: it alone holds {plural(weak.leftGroup.length, "record")} and {plural(weak.rightGroup.length, "record")} together. <button type="button" className="button small" onClick={() => setTicked(new Set((weak.leftGroup.length <= weak.rightGroup.length ? weak.leftGroup : weak.rightGroup).map((record) => record.id)))}>Tick the smaller side</button></p> : null}
      {canDraw ? <div className="chips" role="group" aria-label="Shown as">
        <button type="button" className="chip" aria-pressed={!isTable} onClick={() => setTable(false)}>Graph</button>
        <button type="button" className="chip" aria-pressed={isTable} onClick={() => setTable(true)}>Table</button>
      </div> : null}
      {canDraw && !isTable ? <Graph {...view} /> : <Table {...view} />}
      {one && other && ticked.size === 2 ? <p><Link to="/explain" search={{ a: one, b: other }}>Why are the two ticked records together?</Link></p> : null}
      {of.records.length > 1 ? <Split customer={of.customer?.id ?? id} all={of.records.length} ticked={[...ticked]} done={() => { setTicked(new Set()); again({ requestPolicy: "network-only" }); }} /> : null}
      <Merge customer={of.customer?.id ?? id} done={() => again({ requestPolicy: "network-only" })} />
      {of.steps.length > 0 ? <Grown of={of} /> : <Empty>It is made of one record, so nothing had to be joined.</Empty>}
    </div>
  );
}
