// Home by role: what waits for a steward, how the sources of a department stand, and the search for everybody.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { HomeQuery, ViewerQuery } from "../documents";
import type { HomeQuery as HomeData } from "../gql/graphql";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { RunState } from "../ui/state";
import { ago, count, percent, plain, plural } from "../words";

const Pairs = ({ of }: { of: HomeData["matchCandidates"] }) => (
  <section className="card" aria-labelledby="home-review">
    <h2 id="home-review">Waiting for review</h2>
    <p className="figure">{of.totalCount === null || of.totalCount === undefined ? "" : count(of.totalCount)} <small>possible duplicates</small></p>
    {of.nodes.length === 0 ? <Empty>Nothing waits. New pairs appear here after the next sync.</Empty> : (
      <ul className="lines tight">
        {of.nodes.map((pair) => (
          <li key={pair.id}>
            <Link to="/review" search={{ pair: pair.id }}><bdi>{pair.left?.displayName ?? "Without a name"}</bdi> and <bdi>{pair.right?.displayName ?? "without a name"}</bdi></Link>
            <Badge>{percent(pair.probability)}</Badge>
          </li>
        ))}
      </ul>
    )}
    <Link className="more" to="/review">Open the queue</Link>
  </section>
);

const Sources = ({ of, mine }: { of: HomeData["sources"]; mine: readonly string[] }) => {
  const own = of.filter((source) => mine.includes(source.department));
  return (
    <section className="card" aria-labelledby="home-sources">
      <h2 id="home-sources">Your sources</h2>
      {own.length === 0 ? <Empty>Your departments have no source yet.</Empty> : (
        <ul className="lines">
          {own.map((source) => {
            const run = source.syncRuns?.nodes[0];
            return (
              <li key={source.id}>
                <span><Link to="/sources/$key" params={{ key: source.key }}>{source.title}</Link> <small>{plain(source.department)}</small></span>
                <span className="row whole">
                  {source.quarantinedCount ? <Badge tone="warn">{count(source.quarantinedCount)} in quarantine</Badge> : null}
                  {run ? <><RunState state={run.state} /> <small>{ago(run.finishedAt ?? run.startedAt)}</small></> : <small>never synced</small>}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      <Link className="more" to="/sources">All sources</Link>
    </section>
  );
};

export const HomePage = () => {
  const [home] = useQuery({ query: HomeQuery });
  const [viewer] = useQuery({ query: ViewerQuery });
  const who = viewer.data?.viewer;
  const total = home.data?.customers.totalCount;
  const isSteward = who?.roles.includes("steward") ?? false;
  return (
    <Page title="Home" lead={who ? `${who.departments.map(plain).join(", ") || "No department"}${who.roles.length > 0 ? ` · ${who.roles.join(", ")}` : ""}` : undefined}>
      {home.error ? <Failed error={home.error} /> : null}
      {!home.data && !home.error ? <Waiting rows={8} /> : null}
      {home.data ? (
        <div className="grid">
          {isSteward ? <Pairs of={home.data.matchCandidates} /> : null}
          <Sources of={home.data.sources} mine={who?.departments ?? []} />
          <section className="card" aria-labelledby="home-customers">
            <h2 id="home-customers">Customers</h2>
            {typeof total === "number" ? <p className="figure">{count(total)} <small>that you may see</small></p> : null}
            <p>Press <kbd>Ctrl K</kbd> or <kbd>/</kbd> anywhere and type what you know: a name, an e-mail address, a telephone number, or the number of an invoice, a ticket or an account.</p>
            <Link className="more" to="/customers">{typeof total === "number" ? `All ${plural(total, "customer")}` : "All customers"}</Link>
          </section>
        </div>
      ) : null}
    </Page>
  );
};
