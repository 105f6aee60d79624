// The list of customers, narrowed by name and source.
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { SourcesQuery } from "../documents";
import { Empty, Failed, Page, Waiting } from "../ui/parts";
import { plural } from "../words";
import { CustomerList, useCustomers } from "./customers-list";

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
  const { name, source } = route.useSearch();
  const navigate = route.useNavigate();
  const { read, error, more } = useCustomers({ ...(name ? { nameStartsWith: name } : {}), ...(source ? { source } : {}) });
  const [sources] = useQuery({ query: SourcesQuery });
  const chooseSource = (key: string) => void navigate({ search: { ...(name ? { name } : {}), ...(key ? { source: key } : {}) } });
  return (
    <Page title="Customers" lead={typeof read?.total === "number" ? plural(read.total, "customer") : " "}>
      <div className="filters">
        <NameFilter />
        <label className="field">Known to{" "}
          <select value={source ?? ""} onChange={(event) => chooseSource(event.target.value)}>
            <option value="">any source</option>
            {sources.data?.sources.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}
          </select>
        </label>
      </div>
      {error && !read ? <Failed error={error} /> : null}
      {!read && !error ? <Waiting rows={12} /> : null}
      {read?.nodes.length === 0 ? <Empty>No customer that you may see fits. Take a filter away, or search with <kbd>Ctrl K</kbd>.</Empty> : null}
      {read && read.nodes.length > 0 ? <CustomerList read={read} error={error} more={more} /> : null}
    </Page>
  );
};
