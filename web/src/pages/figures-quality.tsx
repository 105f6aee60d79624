// How right matching was, and where people and matching, or people and people, disagree.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { refusalText } from "../client";
import { DecisionsQuery, DrawMutation, MatchQualityQuery, ViewerQuery } from "../documents";
import type { MatchQualityQuery as QualityData } from "../gql/graphql";
import { Calibration, errorOf, share as percentOf, type Range } from "../ui/calibration";
import { Chart, type Bar } from "../ui/chart";
import { Failed, Waiting } from "../ui/parts";
import { count, plural } from "../words";

type Quality = QualityData["matchQuality"][number];
type Stratum = Quality["strata"][number];

const share = (of: { value: number; low: number; high: number }) => `${(of.value * 100).toFixed(1)} % (${(of.low * 100).toFixed(1)} to ${(of.high * 100).toFixed(1)} %)`;
const rangeOf = (of: Stratum): Range => ({ low: of.low, high: of.high, pairs: of.pairCount, judged: of.judgedCount, same: of.sameCount });

const Draw = ({ done }: { done: () => void }) => {
  const [state, draw] = useMutation(DrawMutation);
  const [refused, setRefused] = useState<string>();
  const press = async () => {
    const { data, error } = await draw({});
    const wrong = refusalText(error, data?.matchQualityDraw.userErrors);
    setRefused(wrong);
    if (!wrong) done();
  };
  return <>{refused ? <p role="alert" className="note bad">{refused}</p> : null}<button type="button" className="button" disabled={state.fetching} onClick={() => void press()}>Draw this month's sample</button></>;
};

/** Whom a sample of is drawn by: whoever runs the hub. Whether it is drawn is for the hub to say. */
const useMayDraw = () => useQuery({ query: ViewerQuery })[0].data?.viewer.roles.includes("operator") ?? false;

const Unjudged = ({ quality, again }: { quality: Quality | undefined; again: () => void }) => {
  const mayDraw = useMayDraw();
  const drawn = quality?.strata.reduce((sum, one) => sum + one.drawnCount, 0) ?? 0;
  return (
    <section className="card chart" aria-labelledby="unjudged">
      <h2 id="unjudged">Predicted and found</h2>
      <p className="hint">How likely matching thought that two records are one, beside how often people who were not told so said the same.</p>
      {drawn > 0 ? <p className="empty">{plural(drawn, "pair")} of {quality?.period} wait to be judged. They come among ordinary pairs: <Link to="/review/blind">judge blind</Link>.</p>
        : <><p className="empty">No sample was drawn yet, so nothing is known. It is drawn by chance once a month, and judged by stewards who are not told what matching thought.</p>{mayDraw ? <Draw done={again} /> : null}</>}
    </section>
  );
};

/** Whether people say what matching did. */
const agreement = (strata: readonly Stratum[]): Bar[] => strata.filter((one) => one.judgedCount > 0).map((one) => {
  const agrees = one.linked ? one.sameCount : one.judgedCount - one.sameCount;
  return { name: `${one.linked ? "linked" : "apart"} ≥ ${percentOf(one.low)}`, parts: [{ name: "people agree", value: agrees }, { name: "people do not", value: one.judgedCount - agrees }] };
});

export const Found = () => {
  const [read, again] = useQuery({ query: MatchQualityQuery });
  // Told to those alone who review for every department, or run the hub.
  if (read.error?.graphQLErrors.some((one) => one.extensions["code"] === "FORBIDDEN")) return null;
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const quality = read.data.matchQuality.find((one) => one.strata.some((stratum) => stratum.judgedCount > 0));
  if (!quality) return <Unjudged quality={read.data.matchQuality[0]} again={() => again({ requestPolicy: "network-only" })} />;
  const ranges = quality.strata.map(rangeOf).toSorted((one, other) => one.low - other.low);
  const off = errorOf(ranges);
  const judged = ranges.reduce((sum, range) => sum + range.judged, 0);
  return (
    <>
      <Calibration title="Predicted and found" ranges={ranges}
        hint={`${plural(judged, "pair")} of ${quality.period} were judged by people who were not told what model ${quality.model} thought. On the dashed line both are alike.${off === undefined ? "" : ` They are ${(off * 100).toFixed(1)} points apart on average.`}`} />
      <Chart title="People and matching" unit="What matching did" bars={agreement(quality.strata)}
        hint={`Blind judgements beside what was done by itself.${quality.precision ? ` Of its links ${share(quality.precision)} are right.` : ""}${quality.recall ? ` It found ${share(quality.recall)} of what it compared.` : ""}`} />
    </>
  );
};

/** What became of each steward's decisions: what somebody else took back is where two people disagreed about one pair. */
export const Stewards = () => {
  const [read] = useQuery({ query: DecisionsQuery, variables: { first: 200 } });
  if (read.error) return <Failed error={read.error} />;
  if (!read.data) return <div className="card"><Waiting rows={4} /></div>;
  const { nodes, totalCount } = read.data.decisions;
  const people = [...new Set(nodes.map((one) => one.by))].toSorted();
  const bars = people.map((name) => {
    const own = nodes.filter((one) => one.by === name);
    const back = own.filter((one) => one.undoneAt);
    const other = back.filter((one) => one.undoneBy !== name);
    return { name, parts: [{ name: "stands", value: own.length - back.length }, { name: "taken back by themselves", value: back.length - other.length }, { name: "taken back by somebody else", value: other.length }] };
  });
  const isPart = typeof totalCount === "number" && totalCount > nodes.length;
  return <Chart title="Stewards and each other" unit="Steward" hint={`What became of what each decided.${isPart ? ` The latest ${count(nodes.length)} of ${count(totalCount)}.` : ""}`} bars={bars} />;
};
