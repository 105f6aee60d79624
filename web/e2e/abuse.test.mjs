// What is sent to bring a server down, after the OWASP cheat sheet of GraphQL and published attacks: each is refused with an
// error, nothing of it runs, and the hub answers the next question.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { base, tokenOf } from "./harness.mjs";

const url = `${base}/graphql`;
const authorization = `Bearer ${tokenOf("everything")}`;
const json = { authorization, "content-type": "application/json" };
const send = async (init, to = url) => {
  try {
    const response = await fetch(to, { ...init, headers: { ...json, ...init.headers } });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // A body that is not read to its end closes the connection.
    return { status: 0, text: String(error.cause?.code ?? error) };
  }
};
const ask = (query, more = {}) => send({ method: "POST", body: JSON.stringify({ query, ...more }) });
const times = (count, text) => text.repeat(count);
const each = (count, write, between = " ") => Array.from({ length: count }, (_, at) => write(at)).join(between);
const isRefused = ({ status, text }) => {
  if (status === 0) return /EPIPE|ECONNRESET|UND_ERR_SOCKET/.test(text);
  try { const answer = JSON.parse(text); return answer.errors?.length > 0 && !answer.data; } catch { return status >= 400; }
};

const bomb = (levels, width) => `{ __schema { queryType { ...F0 } } } ${each(levels, (at) => `fragment F${at} on __Type { ${times(width, `...F${at + 1} `)} }`)} fragment F${levels} on __Type { name }`;

const REFUSED = {
  "50 levels of a type": `{ __schema { types { fields { type { ${times(50, "ofType { ")} name ${times(50, "}")} } } } } }`,
  "types within types": `{ __schema { types { ${times(6, "fields { type { ")} name ${times(6, "} }")} } } }`,
  "500 aliases": `{ ${each(500, (at) => `a${at}: __typename`)} }`,
  "the schema a hundred times": `{ ${each(100, (at) => `a${at}: __schema { types { name fields { name } } }`)} }`,
  "the schema 300 times under one name": `{ ${times(300, "__schema { types { name } } ")} }`,
  "5,000 times one field": `{ ${times(5_000, "__typename ")} }`,
  "500 unknown directives": `{ __typename ${times(500, "@aa ")} }`,
  "500 times one directive": `{ __schema { queryType { name ${times(500, "@include(if: true) ")} } } }`,
  "fragments that spread 2^16 times": bomb(16, 2),
  "fragments that spread 2^24 times": bomb(24, 2),
  "fragments that spread 8^9 times": bomb(9, 8),
  "fragments that hold each other": "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
  "3,000 fragments within each other": `{ ${times(3_000, "... { ")} __typename ${times(3_000, "}")} }`,
  "100,000 open braces": times(100_000, "{a"),
  "a list of 100,000 lists": `{ __type(name: ${times(40_000, "[")}${times(40_000, "]")}) { name } }`,
  "an object of 20,000 objects": `{ __type(name: ${times(20_000, "{a:")}1${times(20_000, "}")}) { name } }`,
  "a type of 40,000 lists": `query ($a: ${times(40_000, "[")}Int${times(40_000, "]")}) { __typename }`,
  "200,000 words": `{ ${times(200_000, "a ")} }`,
  "a comment of a mebibyte": `#${times(1 << 20, "x")}\n{ __typename }`,
  "1,500 fields of one name that differ": `{ ${each(1_500, (at) => `x: __type(name: "${at}") { name }`)} }`,
  "5,000 variables that nobody uses": `query (${each(5_000, (at) => `$v${at}: Int`, ", ")}) { __typename }`,
  "lists within lists within lists": "{ customers(first: 200) { nodes { invoices(first: 200) { nodes { customer { invoices(first: 200) { nodes { id } } } } } } } }",
  "a page of a hundred thousand": "{ customers(first: 100000) { nodes { id } } }",
  "a page of less than nothing": "{ customers(first: -1) { nodes { id } } }",
};

for (const [what, query] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, async () => {
    const answer = await ask(query);
    ok(isRefused(answer), `${answer.status} ${answer.text.slice(0, 200)}`);
    ok(answer.text.length < 20_000, `a refusal has ${answer.text.length} bytes`);
    equal((await ask("{ __typename }")).text.startsWith('{"data":{"__typename":"Query"}'), true, "the hub answers the next");
  });
}

test("bodies that are too large, too deep or none are refused", async () => {
  const bodies = {
    "16 mebibytes": JSON.stringify({ query: "{ __typename }", extensions: { pad: times(16 << 20, "x") } }),
    "variables of 100,000 levels": `{"query": "query ($n: String!) { __type(name: $n) { name } }", "variables": {"n": ${times(100_000, "[")}${times(100_000, "]")}}}`,
    "1,000 requests in one": JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: "{ __typename }" }))),
    "no JSON": "{", "a number": "1", "null": "null", "a text": '"x"', "an empty list": "[]", "a number for a document": '{"query": 1}',
    "half a character": '{"query": "{ __type(name: \\"\\ud800\\") { name } }"}',
  };
  for (const [what, body] of Object.entries(bodies)) {
    const answer = await send({ method: "POST", body });
    ok(isRefused(answer), `${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
    ok(!/panick|\.rs:\d|sqlx|Error\(/.test(answer.text), `${what} tells how the hub is built: ${answer.text.slice(0, 200)}`);
  }
  const invalid = await send({ method: "POST", body: new Uint8Array([...Buffer.from('{"query": "{ a'), 0xff, 0xfe, ...Buffer.from('"}')]) });
  ok(isRefused(invalid), "bytes that are no UTF-8");
});

test("no page of another site can have something changed", async () => {
  const mutation = 'mutation { syncStart(input: {source: "stripe"}) { run { id } } }';
  const body = JSON.stringify({ query: mutation });
  const form = new FormData();
  form.set("operations", body);
  form.set("map", "{}");
  const runs = async () => JSON.parse((await ask("{ syncRuns(first: 200) { nodes { id } } }")).text).data.syncRuns.nodes.length;
  const before = await runs();
  const tried = [
    await send({ method: "GET" }, `${url}?query=${encodeURIComponent(mutation)}`),
    await send({ method: "POST", headers: { "content-type": "text/plain" }, body }),
    await send({ method: "POST", headers: { "content-type": "text/plain; application/json" }, body }),
    await send({ method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: `query=${encodeURIComponent(mutation)}` }),
    await fetch(url, { method: "POST", headers: { authorization }, body: form }).then(async (response) => ({ status: response.status, text: await response.text() })),
  ];
  deepEqual(tried.map(({ status }) => status), [405, 415, 415, 415, 415]);
  equal(await runs(), before, "nothing began");
});

test("a thousand wrong fields are answered briefly", async () => {
  const { text } = await ask(`{ ${each(1_000, (at) => `nope${at}`)} }`);
  equal(JSON.parse(text).errors.length, 20);
});
