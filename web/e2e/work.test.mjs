// The main job of each screen, by the keyboard where there is one.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { as, base, isBinary, tokenOf, until } from "./harness.mjs";

test("a link signs in once, leaves no token behind, and signing out ends it", () => as("everything", async (page, { context }) => {
  equal(new URL(page.url()).hash, "", "the token has left the address");
  const [cookie] = await context.cookies();
  deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["onefold_session", true, "Strict"]);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie);
  ok(!kept.includes("ey"), "no script can read a token or the session");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Onefold" }).waitFor();
  await page.goto(`${base}/customers`);
  await page.getByRole("heading", { name: "Sign in to Onefold" }).waitFor();
  await context.addCookies([cookie]);
  await page.goto(`${base}/customers`);
  await page.getByRole("heading", { name: "Sign in to Onefold" }).waitFor();
}));

test("a token that is wrong is refused in words; a right one leads to the page that was asked for", () => as(undefined, async (page) => {
  await page.goto(`${base}/sources`);
  await page.getByLabel("Token").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(tokenOf("support"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
}));

test("a link of somebody else chooses no other host to end at", () => as(undefined, async (page) => {
  await page.goto(`${base}/signin?to=${encodeURIComponent("//evil.example/")}`);
  await page.getByLabel("Token").fill(tokenOf("support"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
}));

test("the palette finds by name, address and number, says why, and opens by key", () => as("everything", async (page) => {
  await page.keyboard.press("/");
  const box = page.getByRole("combobox", { name: "Search customers and pages" });
  await box.fill("robert.kovac@example.com");
  await page.getByRole("option", { name: /email “robert\.kovac@example\.com”/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: /Kova/ }).waitFor();
  const invoice = await page.locator(".timeline li", { hasText: "Invoice" }).first().textContent();
  const number = /Invoice (\S+)/.exec(invoice)[1];
  await page.keyboard.press("Control+k");
  await box.fill(number);
  await page.getByRole("option", { name: new RegExp(`invoice “.*${number}`) }).first().waitFor();
  await box.fill("sour");
  await until(page, () => !/Searching/.test(document.querySelector(".palette-status").textContent));
  await page.getByRole("option", { name: /^Sources/ }).hover();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
  await page.keyboard.press("Control+k");
  await box.waitFor();
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
}));

test("a golden value tells its source, its rule, and what lost", () => as("everything", async (page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("robert.kovac@example.com");
  await page.getByRole("option", { name: /Kova/ }).first().click();
  const name = page.locator(".golden > div", { has: page.locator("dt", { hasText: /^Name$/ }) });
  match(await name.textContent(), /Robert Kovač.*Stripe.*said by most records/);
  await name.locator("summary").click();
  match(await name.locator("li").first().textContent(), /Bob Kovac.*Zendesk Support.*lost because/);
  const invoices = page.getByRole("button", { name: /^Invoices/ });
  await invoices.click();
  equal(await invoices.getAttribute("aria-pressed"), "false");
  equal(await page.locator(".timeline li", { hasText: /Invoice / }).count(), 0);
  ok((await page.locator(".timeline li").count()) > 0);
}));

test("the queue is walked by key, and the numbers of a pair add up", () => as("steward", async (page) => {
  await page.goto(`${base}/review`);
  const title = page.locator("#pair-title");
  await title.waitFor();
  const first = await title.textContent();
  // The address follows once somebody stays at a pair.
  await until(page, () => new URL(location.href).searchParams.get("pair"));
  const address = new URL(page.url()).searchParams.get("pair");
  await page.keyboard.press("j");
  await until(page, (was) => document.querySelector("#pair-title").textContent !== was, first);
  await until(page, (was) => new URL(location.href).searchParams.get("pair") !== was, address);
  const second = await title.textContent();
  await page.reload();
  await title.waitFor();
  equal(await title.textContent(), second);
  const weights = (await page.locator(".waterfall .num").allTextContents()).map((text) => Number(text.replace("−", "-")));
  const total = weights.pop();
  const sum = weights.reduce((a, b) => a + b, 0);
  ok(Math.abs(sum - total) <= 0.05 * (weights.length + 1), `${weights} make ${sum}, and the total says ${total}`);
  await page.keyboard.press("k");
  await until(page, (was) => document.querySelector("#pair-title").textContent === was, first);
}));

test("whoever reviews nothing is offered no decision", () => as("billing", async (page) => {
  await page.goto(`${base}/review`);
  await page.getByRole("heading", { level: 1, name: "Review" }).waitFor();
  equal(await page.getByRole("button", { name: /Same customer/ }).count(), 0);
}));

test("a sync is started and watched to its end, as the hub tells it", () => as("everything", async (page, { sockets }) => {
  const polled = [];
  page.on("request", (request) => { if (/query Run\b/.test(request.postData() ?? "")) polled.push(request.url()); });
  await page.goto(`${base}/sources`);
  await page.getByRole("button", { name: "Sync now: Zendesk Support" }).click();
  await page.getByRole("heading", { level: 1, name: "Zendesk Support" }).waitFor();
  await page.getByRole("heading", { name: /^This run succeeded/ }).waitFor();
  match(await page.locator(".watched [role=status]").textContent(), /read in \d+/);
  ok((await page.locator(".watched tbody tr").count()) >= 3, "stream by stream");
  ok(await page.getByRole("button", { name: "Sync now: Zendesk Support" }).isEnabled());
  equal(await page.locator(".watched").getAttribute("data-how"), "told");
  deepEqual([sockets.length, polled.length], [1, 0], "over one socket, and nothing was asked for every second");
}));

test("where no socket comes through, a sync is asked about until its end", () => as("everything", async (page) => {
  await page.routeWebSocket("**/graphql", (socket) => socket.close({ code: 4499, reason: "no socket comes through here" }));
  await page.goto(`${base}/sources/mailchimp`);
  await page.getByRole("button", { name: "Sync now: Mailchimp" }).click();
  await page.locator(".watched[data-how=asked]").waitFor();
  await page.getByRole("heading", { name: /^This run succeeded/ }).waitFor();
  match(await page.locator(".watched [role=status]").textContent(), /read in \d+/);
}));

test("quarantine says why, and what came of another try", () => as("everything", async (page) => {
  await page.goto(`${base}/sources/stripe`);
  await page.getByRole("button", { name: "Try all again" }).click();
  await page.getByText(/still did not fit/).waitFor();
  const one = page.locator(".groups > li", { has: page.locator("strong", { hasText: /^CURRENCY$/ }) });
  await one.locator("summary").click();
  match(await one.locator(".json").textContent(), /"currency": "e\$"/);
  await one.getByRole("button", { name: /^Only this cause/ }).click();
  await until(page, () => document.querySelectorAll("[aria-labelledby=quarantine] .records:not(.groups) > li").length === 1);
  equal(new URL(page.url()).searchParams.get("code"), "CURRENCY");
}));

test("a department sees and syncs its own sources", () => as("marketing", async (page) => {
  await page.goto(`${base}/sources`);
  await page.getByRole("button", { name: "Sync now: Mailchimp" }).waitFor();
  equal(await page.getByRole("button", { name: /Sync now: Stripe/ }).count(), 0);
  await page.goto(`${base}/`);
  equal(await page.getByRole("heading", { name: "Waiting for review" }).count(), 0, "only stewards review");
}));

test("an address that is nothing says so", () => as("everything", async (page) => {
  await page.goto(`${base}/nowhere`);
  await page.getByRole("heading", { name: "Nothing is here" }).waitFor();
}));

test("the theme is remembered", () => as("everything", async (page) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: /^Theme: system/ }).click();
  await page.getByRole("button", { name: /^Theme: light/ }).click();
  ok((await ground()) !== light);
  await page.reload();
  await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
  ok((await ground()) !== light);
}));

test("the first load is small, packed, and kept", { skip: !isBinary && "needs the binary" }, () => as(undefined, async (page) => {
  const loaded = [];
  page.on("response", (answer) => loaded.push(answer));
  await page.goto(`${base}/signin`);
  await page.getByLabel("Token").waitFor();
  let bytes = 0;
  for (const answer of loaded.filter((one) => one.url().startsWith(base))) {
    bytes += (await answer.request().sizes()).responseBodySize;
    if (answer.url().includes("/assets/")) {
      match(answer.headers()["cache-control"], /immutable/);
      equal(answer.headers()["content-encoding"], "br");
    }
  }
  console.log(`first load: ${(bytes / 1000).toFixed(1)} kB`);
  ok(bytes > 0 && bytes <= 200_000, `${bytes} bytes`);
}));

test("a hub that does not answer is said in words, and nothing is lost when it does again", () => as("everything", async (page) => {
  await page.route("**/graphql", (route) => route.abort());
  await page.goto(`${base}/customers`);
  await page.getByRole("alert").filter({ hasText: "The hub does not answer" }).waitFor();
  await page.unroute("**/graphql");
  await page.reload();
  await page.getByRole("cell", { name: /@/ }).first().waitFor();
}));
