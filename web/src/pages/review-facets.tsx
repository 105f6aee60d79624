// What the queue is narrowed to. All of it stands in the address, so that it can be sent to somebody.
import { getRouteApi, Link } from "@tanstack/react-router";
import { memo, useEffect, useRef } from "react";
import { useQuery } from "urql";
import { FacetsQuery, SourcesQuery } from "../documents";
import type { CandidateFilterInput, CandidateOrderInput } from "../gql/graphql";
import { count, plain } from "../words";

const route = getRouteApi("/shell/review");

export interface Facets { band?: string; source?: string; department?: string; kind?: string; who?: string; only?: string; order?: string; since?: string }

export const BANDS: Record<string, [string, CandidateFilterInput]> = {
  certain: ["almost certain", { minProbability: 0.99 }], likely: ["likely", { minProbability: 0.8, maxProbability: 0.99 }],
  unsure: ["unsure", { minProbability: 0.4, maxProbability: 0.8 }], unlikely: ["unlikely", { maxProbability: 0.4 }],
};
const ORDERS: Record<string, [string, CandidateOrderInput]> = { likeliest: ["the likeliest", "LIKELIEST"], impact: ["what weighs most in business", "IMPACT"], oldest: ["found first", "OLDEST"] };

export const orderOf = ({ order }: Facets): CandidateOrderInput => ORDERS[order ?? ""]?.[1] ?? "LIKELIEST";

/** A day of the address, at which it begins; nothing where it is none. */
const dayOf = (text: string | undefined) => { const at = Date.parse(`${text ?? ""}T00:00:00Z`); return Number.isNaN(at) ? undefined : new Date(at).toISOString(); };

export const filterOf = (of: Facets, me: string | undefined): CandidateFilterInput => {
  const since = dayOf(of.since);
  return {
    ...BANDS[of.band ?? ""]?.[1],
    ...(of.source ? { source: of.source } : {}),
    ...(of.department ? { department: of.department } : {}),
    ...(of.kind === "PERSON" || of.kind === "ORGANIZATION" ? { kind: of.kind } : {}),
    ...(of.who === "me" && me ? { assignee: me } : {}),
    ...(of.only === "contested" ? { contested: true } : {}),
    ...(since ? { foundSince: since } : {}),
  };
};

export const FacetBar = memo(({ me, mayDecide, seen }: { me: string | undefined; mayDecide: boolean; seen: unknown }) => {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [sources] = useQuery({ query: SourcesQuery });
  const rest = filterOf({ ...search, band: "", who: "", only: "" }, me);
  const of = (more: CandidateFilterInput) => ({ ...rest, ...more });
  const [counts, countAgain] = useQuery({ query: FacetsQuery, variables: {
    certain: of(BANDS["certain"]?.[1] ?? {}), likely: of(BANDS["likely"]?.[1] ?? {}), unsure: of(BANDS["unsure"]?.[1] ?? {}), unlikely: of(BANDS["unlikely"]?.[1] ?? {}),
    mine: of({ assignee: me ?? "" }), contested: of({ contested: true }),
  }, pause: !me });
  // Counted anew whenever the queue was read anew.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!seen) return;
    if (isFirst.current) isFirst.current = false;
    else countAgain({ requestPolicy: "network-only" });
  }, [seen]);
  const set = (change: Partial<Facets>) => void navigate({ search: ({ pair: _, after: _a, before: _b, ...was }) => ({ ...was, ...change }) });
  const told = (n: number | null | undefined) => (typeof n === "number" ? ` ${count(n)}` : "");
  const chip = (name: "band" | "who" | "only", value: string, text: string, n: number | null | undefined) => (
    <button key={value} type="button" className="chip" aria-pressed={search[name] === value} onClick={() => set({ [name]: search[name] === value ? "" : value })}>{text}{told(n)}</button>
  );
  const data = counts.data;
  const more = [search.source, search.department, search.kind, search.since, search.order].filter(Boolean).length;
  const departments = [...new Set(sources.data?.sources.map((one) => one.department))];
  return (
    <div className="facets">
      <div className="chips" role="group" aria-label="Narrow the queue">
        {(["certain", "likely", "unsure", "unlikely"] as const).map((band) => chip("band", band, BANDS[band]?.[0] ?? band, data?.[band].totalCount))}
        {chip("who", "me", "mine", data?.mine.totalCount)}
        {chip("only", "contested", "contradicted links", data?.contested.totalCount)}
        {mayDecide ? <Link className="button" to="/review/many" search={filterSearch(search)}>Decide many…</Link> : null}
        {mayDecide ? <Link className="button" to="/review/blind">Judge blind</Link> : null}
      </div>
      <details className="narrow" open={more > 0}>
        <summary>More filters, and the order{more > 0 ? `: ${more} on` : ""}</summary>
        <div className="filters">
          <label className="field">Source <select value={search.source ?? ""} onChange={(event) => set({ source: event.target.value })}>
            <option value="">any</option>{sources.data?.sources.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}</select></label>
          <label className="field">Department <select value={search.department ?? ""} onChange={(event) => set({ department: event.target.value })}>
            <option value="">any</option>{departments.map((one) => <option key={one} value={one}>{plain(one)}</option>)}</select></label>
          <label className="field">Kind <select value={search.kind ?? ""} onChange={(event) => set({ kind: event.target.value })}>
            <option value="">any</option><option value="PERSON">people</option><option value="ORGANIZATION">organisations</option></select></label>
          <label className="field">Found since <input type="date" value={search.since ?? ""} onChange={(event) => set({ since: event.target.value })} /></label>
          <label className="field">First comes <select value={search.order ?? "likeliest"} onChange={(event) => set({ order: event.target.value })}>
            {Object.entries(ORDERS).map(([value, [text]]) => <option key={value} value={value}>{text}</option>)}</select></label>
        </div>
      </details>
    </div>
  );
});

export const filterSearch = ({ band, source, department, kind, who, only, since }: Facets): Facets =>
  Object.fromEntries(Object.entries({ band, source, department, kind, who, only, since }).filter(([, value]) => value)) as Facets;
