// Figures where people would rather look than read: the queue, the decisions, the records, the syncs.
import { useEffect, useMemo, useState } from "react";
import { useClient, useQuery } from "urql";
import { DecisionsQuery, QueueAgeQuery, RecordCountsQuery, SyncsQuery, WeightsQuery } from "../documents";
import type { CandidateFilterInput } from "../gql/graphql";
import { Chart, type Bar } from "../ui/chart";
import { Failed, Page, Waiting } from "../ui/parts";
import { count, dayText, plain, timeText } from "../words";
import { Found, Stewards } from "./figures-quality";
import { useSteward } from "./review-decide";

const DAY_MS = 86_400_000;
/** So many pages of 200 are read for a chart; more are said to be left out. */
const MOST_PAGES = 10;

const AGES: [keyof Ages, string, number, number | undefined][] = [["a", "today", 0, 1], ["b", "1–3 days", 1, 3], ["c", "3–7 days", 3, 7], ["d", "1–4 weeks", 7, 28], ["e", "older", 28, undefined]];
interface Ages { a: CandidateFilterInput; b: CandidateFilterInput; c: CandidateFilterInput; d: CandidateFilterInput; e: CandidateFilterInput }

const QueueAge = () => {
  const variables = useMemo(() => {
    const now = Date.now();
    const before = (days: number) => new Date(now - days * DAY_MS).toISOString();
    return Object.fromEntries(AGES.map(([key, , from, to]) => [key, { ...(from > 0 ? { foundBefore: before(from) } : {}), ...(to ? { foundSince: before(to) } : {}) }])) as unknown as Ages;
  }, []);
  const [read] = useQuery({ query: QueueAgeQuery, variables });
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const { data } = read;
  return <Chart title="How long pairs wait" unit="Found" hint="Pairs of the queue by when they were found." bars={AGES.map(([key, name]) => ({ name, parts: [{ name: "pairs", value: data[key].totalCount ?? 0 }] }))} />;
};

const useWeights = () => {
  const client = useClient();
  const [told, setTold] = useState<{ weights: number[]; total: number }>();
  useEffect(() => {
    let isHere = true;
    const read = async () => {
      const weights: number[] = [];
      let after: string | undefined;
      let total = 0;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const { data } = await client.query(WeightsQuery, { first: 200, ...(after ? { after } : {}) }).toPromise();
        if (!data) break;
        total = data.matchCandidates.totalCount ?? total;
        weights.push(...data.matchCandidates.nodes.map((pair) => pair.weight));
        if (!data.matchCandidates.pageInfo.hasNextPage) break;
        after = data.matchCandidates.pageInfo.endCursor ?? undefined;
      }
      if (isHere) setTold({ weights, total });
    };
    void read();
    return () => { isHere = false; };
  }, [client]);
  return told;
};

/** Whole bits, from the lowest to the highest that there is, so that a gap is seen as one. */
export const byWeight = (weights: readonly number[]): Bar[] => {
  if (weights.length === 0) return [];
  const bins = weights.map(Math.floor);
  const [low, high] = [Math.min(...bins), Math.max(...bins)];
  return Array.from({ length: high - low + 1 }, (_, at) => ({ name: `${low + at}`.replace("-", "−"), parts: [{ name: "pairs", value: bins.filter((bin) => bin === low + at).length }] }));
};

const Weights = () => {
  const told = useWeights();
  if (!told) return <div className="card"><Waiting rows={4} /></div>;
  const isPart = told.weights.length < told.total;
  return <Chart title="How much the evidence weighs" unit="Weight from" hint={`Pairs of the queue by match weight in bits: 0 is as likely as not.${isPart ? ` The ${count(told.weights.length)} likeliest of ${count(told.total)}.` : ""}`} bars={byWeight(told.weights)} />;
};

const Decisions = () => {
  const [read] = useQuery({ query: DecisionsQuery, variables: { first: 200 } });
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const { nodes, totalCount } = read.data.decisions;
  const days = [...new Set(nodes.map((one) => one.madeAt.slice(0, 10)))].toSorted();
  const bars = days.map((day) => {
    const of = nodes.filter((one) => one.madeAt.startsWith(day));
    const standing = of.filter((one) => !one.undoneAt);
    const kind = (name: string, wanted: string) => ({ name, value: standing.filter((one) => one.kind === wanted).length });
    return { name: dayText(day).replace(/ \d{4}$/, ""), parts: [kind("same customer", "LINK"), kind("not the same", "NEVER_LINK"), kind("later", "LATER"), { name: "taken back", value: of.length - standing.length }] };
  });
  const isPart = typeof totalCount === "number" && totalCount > nodes.length;
  return <Chart title="Decisions by day" unit="Day" hint={isPart ? `The latest ${count(nodes.length)} of ${count(totalCount)}.` : "What stewards decided, and what of it was taken back."} bars={bars} />;
};

const RecordsBySource = () => {
  const [read] = useQuery({ query: RecordCountsQuery });
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const entries = read.data.dataMap;
  const titles = [...new Set(entries.map((one) => one.source?.title ?? "a source"))];
  const types = [...new Set(entries.map((one) => one.type))];
  const most = (title: string, type: string) => Math.max(0, ...entries.filter((one) => one.type === type && (one.source?.title ?? "a source") === title).map((one) => one.records));
  const ranked = types.toSorted((one, other) => titles.reduce((sum, title) => sum + most(title, other) - most(title, one), 0));
  const [shown, rest] = [ranked.slice(0, 3), ranked.slice(3)];
  const bars = titles.map((title) => ({ name: title, parts: [...shown.map((type) => ({ name: plain(type), value: most(title, type) })), { name: "Others", value: rest.reduce((sum, type) => sum + most(title, type), 0) }] }));
  return <Chart title="Records by source" unit="Source" hint="What each system has said, by kind, as far as you may see it." bars={bars} />;
};

const Throughput = () => {
  const [read] = useQuery({ query: SyncsQuery, variables: { first: 24 } });
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const bars = read.data.syncRuns.nodes.filter((run) => run.finishedAt).toReversed().map((run) => {
    const seconds = Math.max(1, (Date.parse(run.finishedAt ?? run.startedAt) - Date.parse(run.startedAt)) / 1000);
    return { name: `${run.source?.title ?? "a source"}, ${timeText(run.startedAt).replace(/ \d{4},/, "")}`, parts: [{ name: "payloads a second", value: Math.round(run.streams.reduce((sum, one) => sum + one.read, 0) / seconds) }] };
  });
  return <Chart title="How fast syncs go" unit="Run" hint="Payloads read a second, by run, the latest last." bars={bars} />;
};

export default function FiguresPage() {
  const { may } = useSteward();
  return (
    <Page title="Figures" lead="Each picture is a table too">
      <div className="charts">
        <QueueAge />
        <Weights />
        <RecordsBySource />
        <Throughput />
        {may ? <><Decisions /><Stewards /></> : null}
        <Found />
      </div>
    </Page>
  );
}
