// Subscriptions as others see them: the clients of graphql-ws and graphql-sse, and each rule of their protocols by hand.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { createClient as sseClient } from "graphql-sse";
import { CloseCode, createClient as wsClient } from "graphql-ws";
import WebSocket from "ws";
import { base, tokenOf } from "./harness.mjs";

const url = `${base}/graphql`;
const socketUrl = url.replace("http", "ws");
const authorization = `Bearer ${tokenOf("everything")}`;
/** A condition that comes true late is true. */
const PATIENCE_MS = 60_000;
/** The log of the example data, which goes on for ever: it is read from its beginning. */
const ENDLESS = "subscription { changes(from: BEGINNING) { cursor kind id } }";

const ask = async (query) => (await fetch(url, { method: "POST", headers: { authorization, "content-type": "application/json" }, body: JSON.stringify({ query }) })).json();
const run = (await ask("{ syncRuns(first: 1) { nodes { id } } }")).data.syncRuns.nodes[0].id;
/** A run that is over is told once, and then the subscription is complete. */
const FINITE = `subscription { syncRun(id: "${run}") { id state } }`;

const within = (promise, what) => Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} took too long`)), PATIENCE_MS).unref())]);

/** All that an operation tells, once it is over. */
const whole = (client, query) => within(new Promise((resolve) => {
  const told = [];
  client.subscribe({ query }, { next: (value) => told.push(value), error: (error) => resolve({ told, error }), complete: () => resolve({ told }) });
}), query);

/** The first few that an operation tells; then it is ended, and nothing more comes. */
const first = async (client, query, count) => {
  const told = [];
  let end;
  await within(new Promise((resolve, reject) => {
    end = client.subscribe({ query }, { next: (value) => { told.push(value); if (told.length === count) resolve(); }, error: reject, complete: () => {} });
  }), query);
  end();
  // Whatever was on its way is dropped by the client; a query after it shows that the server has taken notice.
  equal((await whole(client, "{ __typename }")).told.length, 1);
  const then = told.length;
  equal((await whole(client, "{ __typename }")).told.length, 1);
  equal(told.length, then, "an operation that was ended tells nothing more");
  return told;
};

const sockets = () => wsClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0, lazy: true });
const streams = () => sseClient({ url, headers: { authorization }, retryAttempts: 0 });

for (const [name, open] of [["graphql-ws", sockets], ["graphql-sse", streams]]) {
  test(`the client of ${name} is told what it asked for`, async () => {
    const client = open();
    deepEqual((await whole(client, "{ __typename }")).told.map(({ data }) => data), [{ __typename: "Query" }]);
    const over = await whole(client, FINITE);
    deepEqual(over.told.map(({ data }) => data.syncRun.id), [run]);
    const wrong = await whole(client, "{ __nope }");
    const errors = wrong.error ?? wrong.told[0].errors;
    equal(errors[0].extensions.code, "INVALID_DOCUMENT");
    const changes = (await first(client, ENDLESS, 20)).slice(0, 20).map(({ data }) => data.changes.cursor);
    equal(new Set(changes).size, 20, "each once");
    const [next] = await first(client, `subscription { changes(after: "${changes[9]}") { cursor } }`, 1);
    equal(next.data.changes.cursor, changes[10], "it goes on behind the cursor");
    const many = await Promise.all(Array.from({ length: 20 }, () => whole(client, FINITE)));
    ok(many.every(({ told, error }) => !error && told.length === 1), "many at once are all complete");
    await client.dispose();
  });
}

/** A socket by hand: what it heard, and how it was closed. */
const raw = (protocol = "graphql-transport-ws") => new Promise((resolve) => {
  const socket = protocol ? new WebSocket(socketUrl, protocol) : new WebSocket(socketUrl);
  const waiting = [];
  const talk = { socket, heard: [], closed: undefined, refused: undefined };
  const wake = () => waiting.splice(0).forEach((go) => go());
  talk.say = (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  talk.until = async (condition) => {
    const end = Date.now() + PATIENCE_MS;
    while (!condition() && Date.now() < end) await Promise.race([new Promise((go) => waiting.push(go)), new Promise((go) => setTimeout(go, 50))]);
    ok(condition(), `heard ${JSON.stringify(talk.heard).slice(0, 300)}, closed ${JSON.stringify(talk.closed)}`);
  };
  socket.on("message", (data) => { talk.heard.push(JSON.parse(data.toString())); wake(); });
  socket.on("close", (code, reason) => { talk.closed = { code, reason: reason.toString() }; wake(); });
  socket.on("unexpected-response", (_, response) => { talk.refused = response.statusCode; resolve(talk); });
  socket.on("error", () => resolve(talk));
  socket.on("open", () => resolve(talk));
});
const INIT = { type: "connection_init", payload: { authorization } };
const greeted = async () => {
  const talk = await raw();
  talk.say(INIT);
  await talk.until(() => talk.heard[0]?.type === "connection_ack");
  return talk;
};
const subscribe = (id, query) => ({ id, type: "subscribe", payload: { query } });
const typesOf = (talk, id) => talk.heard.filter((message) => message.id === id).map(({ type }) => type);

test("the socket keeps to graphql-transport-ws", async () => {
  const talk = await greeted();
  equal(talk.socket.protocol, "graphql-transport-ws");
  talk.say({ type: "ping", payload: { a: 1 } });
  await talk.until(() => talk.heard.some(({ type }) => type === "pong"));
  deepEqual(talk.heard.find(({ type }) => type === "pong").payload, { a: 1 });
  talk.say({ type: "pong" });
  talk.say({ id: "nothing", type: "complete" });
  talk.say(subscribe("wrong", "{ __nope }"));
  await talk.until(() => typesOf(talk, "wrong").length > 0);
  talk.say(subscribe("wrong", "{ __typename }"));
  await talk.until(() => typesOf(talk, "wrong").length > 2);
  deepEqual(typesOf(talk, "wrong"), ["error", "next", "complete"], "a name is free once its operation is over");
  talk.say(subscribe("endless", ENDLESS));
  await talk.until(() => typesOf(talk, "endless").length > 3);
  talk.say({ id: "endless", type: "complete" });
  talk.say(subscribe("after", "{ __typename }"));
  await talk.until(() => typesOf(talk, "after").length === 2);
  ok(!typesOf(talk, "endless").includes("complete"), "what the client ends is not ended again");
  equal(talk.closed, undefined);
  talk.socket.terminate();
});

for (const [what, code, messages, withInit = true] of [
  ["a second greeting", CloseCode.TooManyInitialisationRequests, [INIT]],
  ["an operation before the greeting", CloseCode.Unauthorized, [subscribe("1", "{ __typename }")], false],
  ["a greeting with a token that does not hold", CloseCode.Forbidden, [{ type: "connection_init", payload: { authorization: "Bearer bad" } }], false],
  ["a name that is taken", CloseCode.SubscriberAlreadyExists, [subscribe("1", ENDLESS), subscribe("1", ENDLESS)]],
  ["a text that is no JSON", CloseCode.BadRequest, ["not json"]],
  ["a type that is none", CloseCode.BadRequest, [{ type: "zzz" }]],
  ["an operation without a name", CloseCode.BadRequest, [{ type: "subscribe", payload: { query: "{ __typename }" } }]],
  ["an operation without a document", CloseCode.BadRequest, [{ id: "1", type: "subscribe", payload: {} }]],
  ["silence", CloseCode.ConnectionInitialisationTimeout, [], false],
]) {
  test(`${what} closes the socket with ${code}`, async () => {
    const talk = withInit ? await greeted() : await raw();
    messages.forEach((message) => talk.say(message));
    await talk.until(() => talk.closed);
    equal(talk.closed.code, code, talk.closed.reason);
  });
}

test("a socket of another protocol, or of none, is refused", async () => {
  for (const protocol of ["graphql-ws", null]) equal((await raw(protocol)).refused, 400, `${protocol}`);
});

test("events are those of graphql-sse and of browsers", async () => {
  const post = (query) => fetch(url, { method: "POST", headers: { authorization, "content-type": "application/json", accept: "text/event-stream" }, body: JSON.stringify({ query }) });
  for (const response of [await post(FINITE), await fetch(`${url}?query=${encodeURIComponent(FINITE)}`, { headers: { authorization, accept: "text/event-stream" } })]) {
    equal(response.status, 200);
    match(response.headers.get("content-type"), /^text\/event-stream/);
    match(response.headers.get("cache-control"), /no-cache/);
    const text = await response.text();
    match(text, /^event: next\n/);
    match(text, /event: complete\ndata:\n\n$/, "browsers take an event without data for none");
  }
  const wrong = await post("{ __nope }");
  equal(wrong.status, 200);
  match(await wrong.text(), /^event: next\ndata: .*"errors"/);
});
