// GraphiQL against this host. The token goes into the "Headers" tab; GraphiQL keeps it for the tab's life only.
(() => {
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname);
  const headers = token ? JSON.stringify({ authorization: `Bearer ${token}` }, null, 2) : "{}";
  const query = `# Onefold. You ask as whoever is signed in at the console. To ask as somebody else, put
# {"authorization": "Bearer TOKEN"} into "Headers" below; \`onefold demo\` prints a token for each department.
{
  viewer { subject departments }
  customers(first: 5) {
    totalCount
    nodes { id displayName email recordCount }
  }
}
`;
  const element = React.createElement(GraphiQL, { fetcher, defaultQuery: query, defaultHeaders: headers, shouldPersistHeaders: false });
  ReactDOM.createRoot(document.getElementById("root")).render(element);
})();
