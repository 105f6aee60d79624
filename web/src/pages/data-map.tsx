// Which standard field which system fills, whose value customers show, and where systems disagree.
import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "urql";
import { DataMapQuery } from "../documents";
import type { DataMapQuery as MapData } from "../gql/graphql";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { ago, count, fieldName, plain } from "../words";

const route = getRouteApi("/shell/data-map");
type Entry = MapData["dataMap"][number];

const Cell = ({ of }: { of: Entry | undefined }) => {
  if (!of) return <span className="none">not filled by it</span>;
  if (of.filled === 0) return <span className="none">never</span>;
  return (
    <>
      <span className="meter" aria-hidden><span style={{ width: `${Math.max(2, of.fillRate * 100)}%` }} /></span>
      <span>{(of.fillRate * 100).toFixed(of.fillRate < 0.1 ? 1 : 0)} %</span>
      <small className="under">{count(of.filled)} of {count(of.records)}{of.wins !== null && of.wins !== undefined ? `, shown by ${count(of.wins)}` : ""}{of.lastArrivalAt ? `, last ${ago(of.lastArrivalAt)}` : ""}</small>
      {of.conflicts ? <Badge tone="warn">{count(of.conflicts)} disagree</Badge> : null}
    </>
  );
};

export default function DataMapPage() {
  const { type } = route.useSearch();
  const navigate = route.useNavigate();
  const [read] = useQuery({ query: DataMapQuery, variables: {} });
  const all = read.data?.dataMap;
  const types = [...new Set(all?.map((one) => one.type))];
  const shown = types.find((one) => one === type) ?? (types.includes("Customer") ? "Customer" : types[0]);
  const entries = all?.filter((one) => one.type === shown) ?? [];
  const sources = [...new Map(entries.flatMap((one) => (one.source ? [[one.source.key, one.source.title] as const] : [])))];
  const fields = [...new Set(entries.map((one) => one.field))];
  return (
    <Page title="Data map" lead="Which system fills what, and whose word customers show">
      {read.error ? <Failed error={read.error} /> : null}
      {!all && !read.error ? <Waiting rows={12} /> : null}
      {all && all.length === 0 ? <Empty>No field of any system that you may read.</Empty> : null}
      {entries.length > 0 ? (
        <>
          <div className="chips" role="group" aria-label="Kind of data">{types.map((one) => <button key={one} type="button" className="chip" aria-pressed={one === shown} onClick={() => void navigate({ search: { type: one }, replace: true })}>{plain(one)}</button>)}</div>
          <div className="card table-card">
            <table className="stack map">
              <thead><tr><th>Field</th>{sources.map(([key, title]) => <th key={key}>{title}</th>)}</tr></thead>
              <tbody>{fields.map((field) => (
                <tr key={field}><th scope="row">{fieldName(field)}</th>{sources.map(([key, title]) => <td key={key} data-of={title}><Cell of={entries.find((one) => one.field === field && one.source?.key === key)} /></td>)}</tr>
              ))}</tbody>
            </table>
          </div>
          <p className="hint">“Shown by” counts customers of several records that show this system's value; “disagree” those where another system says something else and one of the two is shown.</p>
        </>
      ) : null}
    </Page>
  );
}
