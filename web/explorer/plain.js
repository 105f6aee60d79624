// The plain page: one document, one token, one answer.
(() => {
  const field = (id) => document.getElementById(id);
  const run = async () => {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${field("token").value.trim()}` },
      body: JSON.stringify({ query: field("query").value }),
    });
    field("answer").textContent = JSON.stringify(await answer.json(), null, 2);
  };
  field("form").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  field("query").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); });
})();
