// The tools that frontend developers use accept the schema: Relay's compiler, and the composition of a federated graph. (The
// console's own types are made by graphql-codegen whenever it is built.)
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { buildSchema, findBreakingChanges, parse } from "graphql";
import { composeServices } from "@theguild/federation-composition";
import { base, tokenOf } from "./harness.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const SCHEMA = await readFile("../schema/schema.graphql", "utf8");

/** A folder within this one, so that what is in it finds the packages. */
export const inFolder = async (act) => {
  await mkdir(".made", { recursive: true });
  const folder = await mkdtemp(".made/tools-");
  try { return await act(folder); } finally { await rm(folder, { recursive: true }); }
};

test("Relay's compiler accepts the schema, its connections and its refetchable fragments", () => inFolder(async (folder) => {
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "schema.graphql"), SCHEMA);
  await writeFile(join(folder, "src/list.js"), `
    import { graphql } from "relay-runtime";
    export const list = graphql\`
      query listQuery($count: Int!) { ...list_customers @arguments(count: $count) }
    \`;
    export const customers = graphql\`
      fragment list_customers on Query @refetchable(queryName: "listPageQuery")
        @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
        customers(first: $count, after: $after) @connection(key: "list__customers") { edges { node { id ...list_customer } } }
      }
    \`;
    export const customer = graphql\`
      fragment list_customer on Customer @refetchable(queryName: "listCustomerQuery") { displayName email }
    \`;
    export const changes = graphql\`
      subscription listChangesSubscription($after: String) { changes(after: $after) { cursor kind customer { id ...list_customer } } }
    \`;
  `);
  const config = { src: join(folder, "src"), schema: join(folder, "schema.graphql"), language: "javascript", eagerEsModules: true };
  await writeFile(join(folder, "relay.config.json"), JSON.stringify({ ...config, src: "./src", schema: "./schema.graphql" }));
  const { stdout, stderr } = await run(require("relay-compiler"), ["relay.config.json"], { cwd: folder });
  const made = await readdir(join(folder, "src/__generated__"));
  ok(made.includes("listPageQuery.graphql.js") && made.includes("listChangesSubscription.graphql.js"), `${made}\n${stdout}\n${stderr}`);
}));

test("a gateway composes the hub with another subgraph", async () => {
  const answer = await fetch(`${base}/graphql`, {
    method: "POST", headers: { authorization: `Bearer ${tokenOf("support")}`, "content-type": "application/json" },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  const { sdl } = (await answer.json()).data._service;
  const loyalty = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query { bestCustomer: Person }
    type Person @key(fields: "id") { id: ID! points: Int! }
  `;
  const composed = composeServices([{ name: "onefold", typeDefs: parse(sdl) }, { name: "loyalty", typeDefs: parse(loyalty) }]);
  deepEqual((composed.errors ?? []).map(({ message }) => message), []);
  match(composed.supergraphSdl, /type Person[^{]*@join__type\(graph: ONEFOLD, key: "id"\)/);
  match(composed.supergraphSdl, /points: Int! @join__field\(graph: LOYALTY\)/);
});

// `userErrors { code message path }` goes on working; generated types are generated anew, and `__typename` tells the member.
const ACCEPTED = ["UserError changed from an Object type to an Interface type."];

test("no client of the last release breaks", async () => {
  const last = await readFile("../schema/released.graphql", "utf8");
  const breaking = findBreakingChanges(buildSchema(last), buildSchema(SCHEMA)).map(({ description }) => description);
  deepEqual(breaking.filter((change) => !ACCEPTED.includes(change)), [], "a breaking change is a new major version of the contract");
  // The comparison itself finds one.
  const narrower = buildSchema(SCHEMA.replaceAll(/\n\tdisplayName: String\n/g, "\n\tshownName: String\n"));
  ok(findBreakingChanges(buildSchema(SCHEMA), narrower).length > 0);
});
