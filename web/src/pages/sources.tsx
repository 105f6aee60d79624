// The systems of the departments: what the last run came to, and what goes on now.
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useQuery } from "urql";
import { SourcesQuery } from "../documents";
import type { SourcesQuery as SourcesData } from "../gql/graphql";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { FreshSince } from "../ui/fresh";
import { readOf, useRun } from "../ui/run";
import { RunState } from "../ui/state";
import { SyncButton, useMaySync } from "../ui/sync";
import { ago, count, plain, plural } from "../words";

type Source = SourcesData["sources"][number];

const Row = ({ source, ended }: { source: Source; ended: () => void }) => {
  const navigate = useNavigate();
  const may = useMaySync(source.department);
  const runs = source.syncRuns?.nodes;
  const now = runs?.find((run) => run.state === "RUNNING");
  const { run } = useRun(now?.id);
  const isOver = run !== undefined && run.state !== "RUNNING";
  useEffect(() => { if (isOver) ended(); }, [isOver, run?.id]);
  const last = runs?.find((run) => run.state !== "RUNNING");
  return (
    <tr>
      <td><Link to="/sources/$key" params={{ key: source.key }}>{source.title}</Link> <small className="under">{source.connector}</small></td>
      <td data-of="Department">{plain(source.department)}</td>
      <td data-of="Quarantined" className="num">{typeof source.quarantinedCount === "number" ? (source.quarantinedCount > 0 ? <Badge tone="warn">{count(source.quarantinedCount)}</Badge> : "0") : <span className="none">not shown</span>}</td>
      <td data-of="Last result">{!runs ? <span className="none">not shown to you</span> : last ? <><RunState state={last.state} /> <small>{ago(last.finishedAt ?? last.startedAt)}</small></> : "never synced"}</td>
      <td data-of="Fresh as of"><FreshSince of={source.freshness} /></td>
      <td data-of="Now">{!runs ? <span className="none">not shown to you</span> : now ? <><RunState state="RUNNING" /> <small>{count(readOf(run ?? now))} read</small></> : "idle"}</td>
      <td className="act">{may ? <SyncButton source={source.key} title={source.title} busy={now !== undefined} started={(run) => void navigate({ to: "/sources/$key", params: { key: source.key }, search: { run } })} /> : null}</td>
    </tr>
  );
};

export const SourcesPage = () => {
  const [list, again] = useQuery({ query: SourcesQuery });
  const sources = list.data?.sources;
  return (
    <Page title="Sources" lead={sources ? plural(sources.length, "system") : " "} actions={<Link className="button" to="/data-map">Data map</Link>}>
      {list.error ? <Failed error={list.error} /> : null}
      {!sources && !list.error ? <Waiting rows={4} /> : null}
      {sources?.length === 0 ? <Empty>No source is configured. The operator adds one to the configuration.</Empty> : null}
      {sources && sources.length > 0 ? (
        <div className="card table-card">
          <table className="stack">
            <thead><tr><th>Source</th><th>Department</th><th className="num">Quarantined</th><th>Last result</th><th>Fresh as of</th><th>Now</th><th><span className="sr">Actions</span></th></tr></thead>
            <tbody>{sources.map((source) => <Row key={source.key} source={source} ended={() => again({ requestPolicy: "network-only" })} />)}</tbody>
          </table>
        </div>
      ) : null}
    </Page>
  );
};
