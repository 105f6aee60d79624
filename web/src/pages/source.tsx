// One source: its sync as it goes, its runs, and what waits in quarantine.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { SourceRunsQuery, SourcesQuery } from "../documents";
import { Empty, Failed, Page, Waiting } from "../ui/parts";
import { RunState } from "../ui/state";
import { Streams } from "../ui/streams";
import { Freshness } from "../ui/fresh";
import { SyncButton, useMaySync, Watched } from "../ui/sync";
import { count, lasted, plain, plural, timeText } from "../words";
import { Quarantine } from "./source-quarantine";

const route = getRouteApi("/shell/sources/$key");

const Runs = ({ source, now }: { source: string; now: string | undefined }) => {
  const [list] = useQuery({ query: SourceRunsQuery, variables: { source } });
  const found = list.data?.syncRuns;
  const runs = found?.nodes.filter((run) => run.id !== now);
  return (
    <section className="card" aria-labelledby="runs">
      <h2 id="runs">Runs {typeof found?.totalCount === "number" ? <small>{count(found.totalCount)}</small> : null}</h2>
      {list.error ? <Failed error={list.error} /> : null}
      {!found && !list.error ? <Waiting rows={3} /> : null}
      {runs?.length === 0 ? <Empty>No other run that you may see.</Empty> : null}
      <ul className="records">
        {runs?.map((run) => (
          <li key={run.id}>
            <details>
              <summary>
                <RunState state={run.state} /> {timeText(run.startedAt)} <small>{run.finishedAt ? `took ${lasted(run.startedAt, run.finishedAt)}` : "still going on"}, started by {run.trigger}, {plural(run.streams.reduce((sum, one) => sum + one.read, 0), "payload")} read</small>
              </summary>
              {run.error ? <p className="note bad">{run.error}</p> : null}
              <Streams of={run.streams} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
};

export const SourcePage = () => {
  const { key } = route.useParams();
  const { run, code } = route.useSearch();
  const navigate = route.useNavigate();
  const [list, again] = useQuery({ query: SourcesQuery });
  const source = list.data?.sources.find((one) => one.key === key);
  const may = useMaySync(source?.department);
  if (list.error && !source) return <Page title="Source"><Failed error={list.error} /></Page>;
  if (list.data && !source) return <Page title="No such source"><Empty>No source has this key. <Link to="/sources">All sources</Link></Empty></Page>;
  if (!source) return <Page title="Source" lead=" "><Waiting rows={8} /></Page>;
  const going = source.syncRuns?.nodes.find((one) => one.state === "RUNNING")?.id;
  const watched = run ?? going;
  const started = (id: string) => { void navigate({ search: (was) => ({ ...was, run: id }) }); again({ requestPolicy: "network-only" }); };
  return (
    <Page title={source.title} lead={<>{plain(source.department)} · {source.connector} · <code>{source.key}</code></>}
      actions={may ? <SyncButton source={key} title={source.title} busy={going !== undefined} started={started} /> : null}>
      {watched ? <Watched key={watched} id={watched} ended={() => again({ requestPolicy: "network-only" })} /> : null}
      <Freshness of={source.freshness} />
      <Quarantine source={key} code={code} mayRetry={may}><Runs source={key} now={watched} /></Quarantine>
    </Page>
  );
};
