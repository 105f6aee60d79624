// What was decided, by whom and why, and taking it back from there.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { DecisionsQuery, DiscardsQuery, PlansQuery, SyncsQuery } from "../documents";
import type { StewardPlanKind } from "../gql/graphql";
import { DecisionLine } from "../ui/decisions";
import { Pager, pageSize, type Place } from "../ui/pager";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { RunState } from "../ui/state";
import { UndoButton } from "../ui/undo";
import { count, lasted, plural, timeText } from "../words";
import { useSteward } from "./review-decide";
import type { CombinedError } from "urql";

const route = getRouteApi("/shell/history");
const PAGE = 50;
const PARTS = [["decisions", "Decisions"], ["plans", "Plans"], ["discards", "Discarded"], ["syncs", "Syncs"]] as const;
const PLANS: Record<StewardPlanKind, string> = { MERGE: "merged customers", SPLIT: "split a customer", DECIDE: "decided many pairs", NEVER_LINK: "kept customers apart" };

interface Props { place: Place; done: (text: string) => void }
interface Connection { totalCount?: number | null; nodes: readonly unknown[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor?: string | null; endCursor?: string | null } }

const List = ({ of, error, empty, children }: { of: Connection | undefined; error: CombinedError | undefined; empty: string; children: ReactNode }) => {
  const navigate = route.useNavigate();
  if (error && !of) return <Failed error={error} />;
  if (!of) return <Waiting rows={10} />;
  if (of.nodes.length === 0) return <Empty>{empty}</Empty>;
  return (
    <>
      {typeof of.totalCount === "number" ? <p className="hint">{count(of.totalCount)} in all, the latest first.</p> : null}
      <ul className="lines history">{children}</ul>
      <Pager info={of.pageInfo} go={(to) => void navigate({ search: ({ what }) => ({ ...(what ? { what } : {}), ...to }) })} />
    </>
  );
};

const back = (done: (text: string) => void, again: (options: { requestPolicy: "network-only" }) => void) => (text: string) => { done(text); again({ requestPolicy: "network-only" }); };

const Decisions = ({ place, done }: Props) => {
  const [read, again] = useQuery({ query: DecisionsQuery, variables: { ...place, ...pageSize(place, PAGE) } });
  const of = read.data?.decisions;
  return <List of={of} error={read.error} empty="No decision that you may see.">{of?.nodes.map((one) => <DecisionLine key={one.id} of={one} done={back(done, again)} />)}</List>;
};

const Plans = ({ place, done }: Props) => {
  const [read, again] = useQuery({ query: PlansQuery, variables: { ...place, ...pageSize(place, PAGE) } });
  const of = read.data?.plans;
  return (
    <List of={of} error={read.error} empty="No plan was applied that you may see.">
      {of?.nodes.map((one) => (
        <li key={one.id}>
          <span className="what"><Badge tone={one.undoneAt ? "plain" : "busy"}>{PLANS[one.kind]}</Badge> {one.customers.slice(0, 4).map((customer) => <span key={customer.id}><Link to="/customers/$id" params={{ id: customer.id }}><bdi>{customer.displayName ?? "Without a name"}</bdi></Link> </span>)}{one.customers.length > 4 ? `and ${count(one.customers.length - 4)} more` : ""}
            <small className="under">{timeText(one.madeAt)} by {one.by} · {plural(one.decisions.length, "decision")}{one.decisions[0]?.reason ? ` · ${one.decisions[0].reason}` : ""}</small>
            {one.undoneAt ? <small className="under">Taken back {timeText(one.undoneAt)}{one.undoneBy ? ` by ${one.undoneBy}` : ""}</small> : null}
          </span>
          {one.undoneAt ? null : <UndoButton what="plan" id={one.id} about={`${PLANS[one.kind]}, ${timeText(one.madeAt)}`} done={back(done, again)} />}
        </li>
      ))}
    </List>
  );
};

const Discards = ({ place, done }: Props) => {
  const [read, again] = useQuery({ query: DiscardsQuery, variables: { ...place, ...pageSize(place, PAGE) } });
  const of = read.data?.quarantineDiscards;
  return <List of={of} error={read.error} empty="Nothing was discarded that you may see.">{of?.nodes.map((one) => <DiscardLine key={one.id} of={one} done={back(done, again)} />)}</List>;
};

interface Discard { id: string; by: string; code: string; path?: string | null; stream: string; payloads: number; reason: string; madeAt: string; undoneAt?: string | null; undoneBy?: string | null; source?: { key: string; title: string } | null }
export const DiscardLine = ({ of, done }: { of: Discard; done: (text: string) => void }) => (
  <li>
    <span className="what"><Badge tone={of.undoneAt ? "plain" : "warn"}>{of.code}</Badge> {plural(of.payloads, "payload")} of <code>{of.stream}</code>{of.source ? <> · <Link to="/sources/$key" params={{ key: of.source.key }}>{of.source.title}</Link></> : null}
      <small className="under">{timeText(of.madeAt)} by {of.by} · <bdi>{of.reason}</bdi></small>
      {of.undoneAt ? <small className="under">Taken back {timeText(of.undoneAt)}{of.undoneBy ? ` by ${of.undoneBy}` : ""}</small> : null}
    </span>
    {of.undoneAt ? null : <UndoButton what="discard" id={of.id} about={`${of.code} of ${of.stream}`} done={done} />}
  </li>
);

const Syncs = ({ place }: Props) => {
  const [read] = useQuery({ query: SyncsQuery, variables: { ...place, ...pageSize(place, PAGE) } });
  const of = read.data?.syncRuns;
  return (
    <List of={of} error={read.error} empty="No run that you may see.">
      {of?.nodes.map((run) => (
        <li key={run.id}>
          <span className="what"><RunState state={run.state} /> {run.source ? <Link to="/sources/$key" params={{ key: run.source.key }} search={{ run: run.id }}>{run.source.title}</Link> : "A source"}
            <small className="under">{timeText(run.startedAt)} by {run.trigger}{run.finishedAt ? `, took ${lasted(run.startedAt, run.finishedAt)}` : ""} · {count(run.streams.reduce((sum, one) => sum + one.read, 0))} read, {count(run.streams.reduce((sum, one) => sum + one.created, 0))} new, {count(run.streams.reduce((sum, one) => sum + one.quarantined, 0))} in quarantine{run.error ? ` · ${run.error}` : ""}</small>
          </span>
        </li>
      ))}
    </List>
  );
};

const SHOWN = { decisions: Decisions, plans: Plans, discards: Discards, syncs: Syncs };

export default function HistoryPage() {
  const { what, after, before } = route.useSearch();
  const [said, setSaid] = useState("");
  const { me, may } = useSteward();
  // What stewards did is told to stewards.
  const parts = PARTS.filter(([key]) => may || (key !== "decisions" && key !== "plans"));
  const part = parts.find(([key]) => key === what)?.[0] ?? (may ? "decisions" : "syncs");
  const place = { ...(after ? { after } : {}), ...(before ? { before } : {}) };
  const Shown = SHOWN[part];
  return (
    <Page title="History" lead="Who decided what, when and why. Nothing is ever lost: what is taken back stays here as well">
      <div className="card">
        <nav className="tabs" aria-label="Parts of the history">
          {parts.map(([key, text]) => <Link key={key} to="/history" search={{ what: key }} {...(part === key ? { "aria-current": "page" as const } : {})}>{text}</Link>)}
        </nav>
        <p role="status" className="hint">{said}</p>
        {me ? <Shown key={part} place={place} done={setSaid} /> : <Waiting rows={10} />}
      </div>
    </Page>
  );
}
