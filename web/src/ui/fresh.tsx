// How fresh what a source said is: as of when each stream was read to its end.
import { ago, plain, timeText } from "../words";
import { Badge } from "./parts";
import type { SyncState } from "../gql/graphql";

interface Stream { stream: string; freshAt?: string | null; lastRunState?: SyncState | null }
type Streams = readonly Stream[] | null | undefined;

/** The source is as fresh as its oldest stream. */
export const FreshSince = ({ of }: { of: Streams }) => {
  if (!of) return <span className="none">not shown to you</span>;
  const times = of.flatMap((one) => (one.freshAt ? [one.freshAt] : []));
  const oldest = times.toSorted()[0];
  if (!oldest) return <span className="none">never read to its end</span>;
  const unread = of.length - times.length;
  return <><time dateTime={oldest} title={timeText(oldest)}>{ago(oldest)}</time>{unread > 0 ? <small className="under">{unread} of {of.length} streams never</small> : null}</>;
};

export const Freshness = ({ of }: { of: Streams }) => {
  if (!of || of.length === 0) return null;
  return (
    <section className="card" aria-labelledby="fresh">
      <h2 id="fresh">How fresh it is</h2>
      <ul className="fresh">
        {of.map((one) => (
          <li key={one.stream}><code>{one.stream}</code> <span>{one.freshAt ? <time dateTime={one.freshAt} title={timeText(one.freshAt)}>{ago(one.freshAt)}</time> : <span className="none">never read to its end</span>}{one.lastRunState && one.lastRunState !== "SUCCEEDED" && one.lastRunState !== "RUNNING" ? <> <Badge tone="warn">last run {plain(one.lastRunState).toLowerCase()}</Badge></> : null}</span></li>
        ))}
      </ul>
    </section>
  );
};
