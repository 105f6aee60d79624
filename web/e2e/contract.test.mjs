// What others say a GraphQL server must do: the audits of GraphQL over HTTP, and the reference implementation's idea of which
// documents are valid under the schema that the hub tells.
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema, validate, validateSchema } from "graphql";
import { serverAudits } from "graphql-http";
import { base, tokenOf } from "./harness.mjs";

const url = `${base}/graphql`;
const authorization = `Bearer ${tokenOf("everything")}`;
const fetchFn = (to, init = {}) => fetch(to, { ...init, headers: { authorization, ...init.headers } });
const ask = async (query) => (await fetchFn(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) })).json();

const told = buildClientSchema((await ask(getIntrospectionQuery())).data);

test("newer clients are told all that they ask of the schema", async () => {
  const all = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };
  const { data, errors } = await ask(getIntrospectionQuery(all));
  equal(errors, undefined);
  deepEqual(validateSchema(buildClientSchema(data)), []);
});

test("every audit of GraphQL over HTTP passes", async () => {
  const audits = serverAudits({ url, fetchFn });
  const failed = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== "ok") failed.push(`${result.id} ${result.status}: ${result.name}: ${result.reason}`);
  }
  deepEqual(failed, []);
  console.log(`GraphQL over HTTP: ${audits.length} of ${audits.length} audits`);
  ok(audits.length >= 61, `only ${audits.length} audits were there`);
});

test("the schema that is told is valid, and the one that is published", async () => {
  deepEqual(validateSchema(told), []);
  const published = buildSchema(await readFile("../schema/schema.graphql", "utf8"));
  // Descriptions are told too; the reference writes directives that it knows itself in neither.
  equal(printSchema(lexicographicSortSchema(told)), printSchema(lexicographicSortSchema(published)));
});

const nested = (depth, inner) => (depth ? `customer { matchCandidates { nodes { left { ${nested(depth - 1, inner)} } } } }` : inner);
const DOCUMENTS = [
  "{ __typename }",
  "{ customers { nodes { id } } }",
  "query A { customers { totalCount } } query B { customers { totalCount } }",
  "query A { customers { totalCount } } query A { customers { totalCount } }",
  "query A { customers { totalCount } } { customers { totalCount } }",
  "{ customers { nodes { nosuch } } }",
  "{ customers { nodes } }",
  "{ customers { nodes { id { x } } } }",
  "{ customers(nosuch: 1) { totalCount } }",
  "{ customers(first: 1, first: 2) { totalCount } }",
  "{ customers(first: \"1\") { totalCount } }",
  "{ customers(first: 1.5) { totalCount } }",
  "{ customers(first: 2147483648) { totalCount } }",
  "{ customers(orderBy: NOSUCH) { totalCount } }",
  "{ customers(filter: { nosuch: 1 }) { totalCount } }",
  "{ customers(filter: { kind: PERSON, kind: PERSON }) { totalCount } }",
  "{ node { id } }",
  "{ a: customers { totalCount } a: customers(first: 2) { totalCount } }",
  "{ customers { nodes { x: id x: displayName } } }",
  "{ customers { nodes { x: id x: id } } }",
  "{ ...F } fragment F on Query { ...F }",
  "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
  "{ ...Nosuch }",
  "{ __typename } fragment F on Query { __typename }",
  "{ ...F } fragment F on Nosuch { id }",
  "{ ...F } fragment F on Int { id }",
  "{ customers { ...F } } fragment F on Customer { id }",
  "{ node(id: \"x\") { ... on Customer { displayName } } }",
  "{ node(id: \"x\") { ... on Query { __typename } } }",
  "fragment F on Query { __typename } fragment F on Query { __typename } { ...F }",
  "query ($n: Int) { customers(first: $n) { totalCount } }",
  "query ($n: String) { customers(first: $n) { totalCount } }",
  "query ($n: Int, $n: Int) { customers(first: $n) { totalCount } }",
  "query ($n: Int) { customers { totalCount } }",
  "query ($n: Customer) { customers(first: $n) { totalCount } }",
  "query ($n: Nosuch) { customers(first: $n) { totalCount } }",
  "query ($n: Int = \"x\") { customers(first: $n) { totalCount } }",
  "query ($id: ID) { node(id: $id) { id } }",
  "{ customers(first: $n) { totalCount } }",
  "query ($yes: Boolean! = true) { customers @include(if: $yes) { totalCount } }",
  "query ($id: ID = null) { node(id: $id) { id } }",
  "query ($yes: Boolean) { customers @include(if: $yes) { totalCount } }",
  "{ customers @include { totalCount } }",
  "{ customers @skip(if: 1) { totalCount } }",
  "{ customers @nosuch { totalCount } }",
  "{ __typename @nosuch }",
  "{ customers @skip(if: true) @skip(if: true) { totalCount } }",
  "query @skip(if: true) { customers { totalCount } }",
  "{ customers @deprecated { totalCount } }",
  "mutation { nosuch }",
  "{ customers(after: \"\\u{1F600}\") { totalCount } }",
  "subscription { changes { id } }",
  "subscription { changes { id } syncRun(id: \"x\") { id } }",
  "subscription { __typename }",
  "subscription { changes { nosuch } }",
  `{ customers { nodes { ${nested(1, "displayName")} } } }`,
];

test("documents are valid here where the reference implementation says so", async () => {
  const differing = [];
  let refused = 0;
  for (const document of DOCUMENTS) {
    const wrong = validate(told, parse(document));
    const answer = await ask(document);
    // Several operations are valid, and then the request has to name one.
    const isRefused = (answer.errors ?? []).some(({ message, extensions }) => extensions?.code === "INVALID_DOCUMENT" && !/operationName|operation name/i.test(message) && !("data" in answer && answer.data));
    refused += Number(isRefused);
    if (isRefused !== wrong.length > 0) differing.push(`${document}: ${wrong[0]?.message ?? "valid"}; here ${JSON.stringify(answer).slice(0, 200)}`);
  }
  deepEqual(differing, []);
  console.log(`documents: ${DOCUMENTS.length} compared, ${refused} of them refused by both`);
});
