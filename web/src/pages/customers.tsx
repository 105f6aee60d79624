// The list of customers, narrowed by name and source.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { CustomersQuery, SourcesQuery } from "../documents";
import { Pager, pageSize } from "../ui/pager";
import { Empty, Failed, lockOf, nameOf, Page, Value, Waiting } from "../ui/parts";
import { ago, plain, plural } from "../words";

const route = getRouteApi("/shell/customers");
const PAUSE_MS = 250;

const NameFilter = () => {
  const { name = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(name);
  useEffect(() => {
    if (text.trim() === name) return undefined;
    const timer = setTimeout(() => {
      void navigate({ search: ({ source }) => ({ ...(source ? { source } : {}), ...(text.trim() ? { name: text.trim() } : {}) }), replace: true });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, name, navigate]);
  return <label className="field">Name begins with <input type="search" value={text} onChange={(event) => setText(event.target.value)} /></label>;
};

export const CustomersPage = () => {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { name, source, after, before } = search;
  const filter = { ...(name ? { nameStartsWith: name } : {}), ...(source ? { source } : {}) };
  const place = { ...(after ? { after } : {}), ...(before ? { before } : {}) };
  const [list] = useQuery({ query: CustomersQuery, variables: { filter, orderBy: "NAME_ASC", ...place, ...pageSize(place, 50) } });
  const [sources] = useQuery({ query: SourcesQuery });
  const found = list.data?.customers;
  const chooseSource = (key: string) => void navigate({ search: { ...(name ? { name } : {}), ...(key ? { source: key } : {}) } });
  return (
    <Page title="Customers" lead={typeof found?.totalCount === "number" ? plural(found.totalCount, "customer") : " "}>
      <div className="filters">
        <NameFilter />
        <label className="field">Known to{" "}
          <select value={source ?? ""} onChange={(event) => chooseSource(event.target.value)}>
            <option value="">any source</option>
            {sources.data?.sources.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}
          </select>
        </label>
      </div>
      {list.error ? <Failed error={list.error} /> : null}
      {!found && !list.error ? <Waiting rows={12} /> : null}
      {found?.nodes.length === 0 ? <Empty>No customer that you may see fits. Take a filter away, or search with <kbd>Ctrl K</kbd>.</Empty> : null}
      {found && found.nodes.length > 0 ? (
        <div className="card table-card">
          <table className="stack">
            <thead><tr><th>Name</th><th>Kind</th><th>E-mail</th><th>Telephone</th><th className="num">Records</th><th>Changed</th></tr></thead>
            <tbody>
              {found.nodes.map((one) => (
                <tr key={one.id}>
                  <td><Link to="/customers/$id" params={{ id: one.id }}><bdi>{nameOf(one)}</bdi></Link></td>
                  <td data-of="Kind">{plain(one.__typename ?? "")}</td>
                  <td data-of="E-mail"><Value of={one.email} lock={lockOf(one, "email")} /></td>
                  <td data-of="Telephone"><Value of={one.phone} lock={lockOf(one, "phone")} /></td>
                  <td data-of="Records" className="num">{one.recordCount}</td>
                  <td data-of="Changed">{ago(one.changedAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {found ? <Pager info={found.pageInfo} go={(to) => void navigate({ search: { ...(name ? { name } : {}), ...(source ? { source } : {}), ...to } })} /> : null}
    </Page>
  );
};
