// Deciding many pairs alike: a filter, a sample that is looked at pair by pair, and then all of them or none.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { useClient } from "urql";
import { refusalText } from "../client";
import { DecideManyMutation, DecideManyQuery } from "../documents";
import type { DecideManyInput, DecideManyQuery as PreviewData, DecisionKind, PlanPartsFragment } from "../gql/graphql";
import { Fields, Waterfall } from "../ui/evidence";
import { useActions } from "../ui/keys";
import { Badge, Empty, Page, Waiting } from "../ui/parts";
import { UndoButton } from "../ui/undo";
import { count, dayText, percent, plain, plural } from "../words";
import { KeyButton, useSteward } from "./review-decide";
import { BANDS, filterOf, filterSearch } from "./review-facets";
import type { Pair } from "./review-queue";

type Plan = NonNullable<PreviewData["decideManyPreview"]["preview"]>;
const route = getRouteApi("/shell/review/many");
const SAMPLE = 20;
const WEEK_MS = 7 * 86_400_000;
const DOES: Record<DecisionKind, [string, string]> = {
  LINK: ["Merge", "they are one customer each"], NEVER_LINK: ["Keep apart", "they are not the same"], LATER: ["Put off", "they come again in a week"],
};

/** What so many agreeing answers and no other prove: at most this share is wrong, with 95 % confidence. */
export const atMostWrong = (agreed: number) => 1 - 0.05 ** (1 / agreed);
/** A bound is rounded up: what it says is never less than what holds. */
const upTo = (share: number) => `${share >= 0.1 ? Math.ceil(share * 100) : Math.ceil(share * 1000) / 10} %`;

/** What the hub knows of pairs like these, and how far that is from enough. */
const Gate = ({ plan }: { plan: Plan }) => {
  const { decisionCount: all, agreeingCount: same, mostWrong, missingCount: missing } = plan.evidence;
  return (
    <section className="card gate" aria-labelledby="gate">
      <h2 id="gate">What is known of pairs like these <Badge tone={plan.proved ? "good" : "warn"}>{missing === 0 ? "enough" : plan.proved ? "all of them are in the sample" : "not enough yet"}</Badge></h2>
      <progress value={same} max={Math.max(1, same + missing)} aria-label="How much is proved" />
      <p>{all === 0 ? "Nobody has decided one of them by itself yet." : <>{plural(all, "earlier decision")}, of which {count(same)} {same === 1 ? "agrees" : "agree"}: at most {upTo(mostWrong)} of such pairs would be decided wrongly (95 % confidence).</>}{" "}
        {missing > 0 ? <><strong>{count(missing)} more</strong> that agree would prove that at most 1 % is wrong.{plan.proved ? " They are not needed: you look at every pair." : " Until then a reason is needed."}</> : null}</p>
    </section>
  );
};

const Sample = ({ pairs, at, agree, stop }: { pairs: readonly Pair[]; at: number; agree: () => void; stop: () => void }) => {
  const pair = pairs[at];
  useActions(pair ? { merge: agree, apart: stop } : {});
  if (!pair) return <p className="note" role="status">You agreed with all {pairs.length} of the sample. {pairs.length > 0 ? `By themselves they prove that at most ${upTo(atMostWrong(pairs.length))} of such pairs would be decided wrongly (95 % confidence).` : ""}</p>;
  return (
    <article className="card" aria-labelledby="sample-title">
      <header className="pair-head">
        <h2 id="sample-title"><small>Sample {at + 1} of {pairs.length}</small> <bdi>{pair.left?.displayName ?? "Without a name"}</bdi> <span aria-hidden>↔</span><span className="sr">and</span> <bdi>{pair.right?.displayName ?? "Without a name"}</bdi></h2>
        <Badge>{percent(pair.probability)}</Badge>
      </header>
      <p className="row"><KeyButton main action="merge" text="I agree" act={agree} /><KeyButton action="apart" text="I do not" act={stop} /></p>
      {pair.sentence ? <p className="sentence">{pair.sentence}</p> : null}
      <div className="pair-body"><div className="column"><Fields of={pair} /></div><div className="column"><Waterfall of={pair} /></div></div>
    </article>
  );
};

export default function ManyPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useClient();
  const { me, may } = useSteward();
  const decision: DecisionKind = search.decision === "NEVER_LINK" || search.decision === "LATER" ? search.decision : "LINK";
  const [plan, setPlan] = useState<Plan>();
  const [until, setUntil] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const [at, setAt] = useState(0);
  const [stopped, setStopped] = useState<Pair>();
  const [applied, setApplied] = useState<PlanPartsFragment>();
  const [said, setSaid] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const filter = filterOf(search, me);
  const key = JSON.stringify([filter, decision]);
  const decide: DecideManyInput = { decision, filter, sample: SAMPLE, ...(until ? { until } : {}) };

  const look = async () => {
    // It is part of what is looked at, so it stays as it is until then.
    const end = decision === "LATER" ? new Date(Date.now() + WEEK_MS).toISOString() : undefined;
    setUntil(end);
    setPlan(undefined); setStopped(undefined); setAt(0); setRefused(undefined);
    const input: DecideManyInput = { decision, filter, sample: SAMPLE, ...(end ? { until: end } : {}) };
    const { data, error } = await client.query(DecideManyQuery, { input }, { requestPolicy: "network-only" }).toPromise();
    setRefused(refusalText(error, data?.decideManyPreview.userErrors));
    setPlan(data?.decideManyPreview.preview ?? undefined);
  };
  useEffect(() => { if (may && me) void look(); }, [key, may, me]);

  const apply = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!plan) return;
    const form = new FormData(event.currentTarget);
    const [reason, unproved] = ["reason", "unproved"].map((name) => String(form.get(name) ?? "").trim());
    setBusy(true);
    const { data, error } = await client.mutation(DecideManyMutation, { input: { decide, fingerprint: plan.fingerprint, reason: reason ?? "", ...(unproved ? { unproved } : {}), idempotencyKey: `many:${plan.fingerprint}:${Date.now()}` } }).toPromise();
    setBusy(false);
    const wrong = refusalText(error, data?.decideManyApply.userErrors);
    setRefused(wrong);
    if (wrong || !data?.decideManyApply.plan) return;
    setApplied(data.decideManyApply.plan);
    setSaid(`${plural(plan.pairCount, "pair")} decided: ${DOES[decision][1]}.`);
    setPlan(undefined);
  };

  const told = [BANDS[search.band ?? ""]?.[0], search.source, search.department && plain(search.department), search.kind && plain(search.kind), search.who && "mine", search.only && "contradicted links", search.since && `found since ${dayText(search.since)}`].filter(Boolean);
  const isAgreed = plan !== undefined && at >= plan.sample.length;
  const [verb] = DOES[decision];
  if (me && !may) return <Page title="Decide many"><Empty>Only stewards decide.</Empty></Page>;
  return (
    <Page title="Decide many" lead={<>Of the queue: {told.length > 0 ? told.join(", ") : "all of it"} · <Link to="/review" search={filterSearch(search)}>back to the queue</Link></>}
      actions={<label className="field">Decision <select value={decision} onChange={(event) => { setApplied(undefined); void navigate({ search: (was) => ({ ...was, decision: event.target.value }) }); }}><option value="LINK">same customer</option><option value="NEVER_LINK">not the same</option><option value="LATER">later</option></select></label>}>
      {refused ? <p role="alert" className="note bad">{refused} <button type="button" className="button small" onClick={() => void look()}>Look again</button></p> : null}
      {applied ? <div className="note" role="status"><p>{said}</p><UndoButton what="plan" id={applied.id} about="the whole plan" done={(text) => { setApplied(undefined); setSaid(text); void look(); }} /></div> : said ? <p role="status" className="hint">{said}</p> : null}
      {!plan && !refused && !applied ? <Waiting rows={10} /> : null}
      {plan && plan.pairCount === 0 ? <Empty>No pair of the queue fits that nobody else has in hand.</Empty> : null}
      {plan && plan.pairCount > 0 ? (
        <>
          <p><strong className="figure">{count(plan.pairCount)}</strong> {plan.pairCount === 1 ? "pair" : "pairs"}: {plural(plan.customersBefore, "customer")} would change, and there would be {count(plan.customersAfter)} instead. Look at {plan.sample.length === plan.pairCount ? "all of them" : `these ${plan.sample.length}`} first; one that you do not agree with stops it.</p>
          {decision === "LATER" ? null : <Gate plan={plan} />}
          {stopped ? (
            <p role="alert" className="note bad">Stopped: you do not agree about <bdi>{stopped.left?.displayName ?? "a record"}</bdi> and <bdi>{stopped.right?.displayName ?? "a record"}</bdi>. Nothing was decided. <Link to="/review" search={{ pair: stopped.id }}>Decide that pair by itself</Link>, or narrow the filter. <button type="button" className="button small" onClick={() => void look()}>Begin again</button></p>
          ) : <Sample pairs={plan.sample} at={at} agree={() => setAt(at + 1)} stop={() => setStopped(plan.sample[at])} />}
          {isAgreed && !stopped ? (
            <form className="card" onSubmit={(event) => void apply(event)}>
              <label className="field">Why <input name="reason" className="wide" required maxLength={500} autoComplete="off" /></label>
              {plan.proved ? null : <label className="field">Why although too little is known <input name="unproved" className="wide" required maxLength={400} autoComplete="off" /></label>}
              <p className="row"><button type="submit" className="button first" disabled={isBusy}>{isBusy ? "Deciding…" : `${verb} ${plural(plan.pairCount, "pair")}`}</button> <small>All of them or none; undo takes them back in one step.</small></p>
            </form>
          ) : null}
        </>
      ) : null}
    </Page>
  );
}
