// The queue of a steward: forty decisions by forty keys, a way back for ever, two stewards, and what could not be saved.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { cpus, loadavg } from "node:os";
import { test } from "node:test";
import { accessible, as, ask, base, both, until } from "./harness.mjs";

const title = (page) => page.locator("#pair-title");
const names = async (page) => (await page.locator(".queue-name").allTextContents()).join("|");
const counted = (page) => page.evaluate(() => Number(/(\d+) possible/.exec(document.querySelector(".lead").textContent)?.[1]));
const isCounted = (page, wanted) => until(page, (n) => Number(/(\d+) possible/.exec(document.querySelector(".lead").textContent)?.[1]) === n, wanted);
/** One after the other: a slow machine may take long for all of them, and goes on. */
const isSaved = async (page) => {
  const left = () => page.evaluate(() => Number(/(\d+) being saved/.exec(document.querySelector(".pace").textContent)?.[1] ?? 0));
  for (let was = await left(); was > 0; was = await left()) await until(page, (n) => Number(/(\d+) being saved/.exec(document.querySelector(".pace").textContent)?.[1] ?? 0) < n, was);
};
const openQueue = async (page, search = "") => { await page.goto(`${base}/review${search}`); await title(page).waitFor(); };
const percentile = (values, p) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

test("the first answer of the preview is what the customer is after merging, with the value that a digit chose", () => as("steward", async (page) => {
  await openQueue(page);
  await page.locator(".after .golden").waitFor();
  // The first pair with a choice between two values.
  while (await page.locator(".flip").count() === 0) {
    const was = await title(page).textContent();
    await page.keyboard.press("j");
    await until(page, (text) => document.querySelector("#pair-title").textContent !== text && document.querySelector(".after .golden"), was);
  }
  const digit = await page.locator(".flip kbd").first().textContent();
  const first = page.locator(".after .golden > div", { has: page.locator(".flip") }).first();
  const before = await first.locator("dd > bdi").textContent();
  await page.keyboard.press(digit);
  await page.getByText("your choice").waitFor();
  const chosen = await first.locator("dd > bdi").textContent();
  ok(chosen !== before, "a digit flips the value");
  const promised = Object.fromEntries(await page.locator(".after .golden > div").evaluateAll((rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd > bdi").textContent])));
  const link = await page.locator(".pair thead a").first().getAttribute("href");
  const whole = await counted(page);
  await page.keyboard.press("m");
  await isSaved(page);
  await page.goto(base + link);
  await page.locator("#golden").waitFor();
  const shown = Object.fromEntries(await page.locator("[aria-labelledby=golden] .golden > div").evaluateAll((rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd > bdi").textContent])));
  deepEqual(Object.fromEntries(Object.keys(promised).map((key) => [key, shown[key]])), promised, "the preview is the result");
  await page.locator("#pins").waitFor();
  await page.getByRole("button", { name: /^Undo: / }).first().click();
  await page.locator("#pins").waitFor({ state: "detached" });
  // The page was left in between: the hub knows what was decided, so the key still takes it back.
  await openQueue(page);
  await until(page, () => [...document.querySelectorAll(".deciding button")].some((one) => one.textContent.startsWith("Undo") && !one.disabled));
  await page.keyboard.press("u");
  await isCounted(page, whole);
}));

test("forty decisions by forty keys, and forty undos back to the first state", () => as("steward", async (page) => {
  await openQueue(page);
  const [before, whole] = [await names(page), await counted(page)];
  ok(whole >= 40, `${whole} pairs are there`);
  await page.evaluate(() => {
    globalThis.painted = [];
    addEventListener("keydown", (event) => {
      const was = document.querySelector(".queue button[aria-current=true]");
      const look = () => {
        if (document.querySelector(".queue button[aria-current=true]") === was && was?.isConnected) requestAnimationFrame(look);
        // The frame after the one that was prepared is on the screen.
        else requestAnimationFrame(() => globalThis.painted.push(performance.now() - event.timeStamp));
      };
      requestAnimationFrame(look);
    }, true);
  });
  let dialogs = 0;
  page.on("dialog", () => { dialogs += 1; });
  for (let at = 0; at < 40; at += 1) {
    const was = await page.evaluate(() => globalThis.painted.length);
    // First together, then apart: the other way round a link would contradict what was just decided.
    await page.keyboard.press(at < 3 ? "m" : at % 8 === 6 ? "s" : "n");
    await until(page, (n) => globalThis.painted.length > n, was);
    if (at === 2) await isSaved(page);
  }
  const painted = await page.evaluate(() => globalThis.painted);
  console.log(`key to next pair painted: p50 ${percentile(painted, 0.5).toFixed(0)} ms, p95 ${percentile(painted, 0.95).toFixed(0)} ms, most ${Math.max(...painted).toFixed(0)} ms of ${painted.length}, at a load of ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
  equal(painted.length, 40);
  await isSaved(page);
  deepEqual(await page.locator(".deciding [role=alert]").allTextContents(), [], "every one was saved");
  match(await page.locator(".pace").textContent(), /40 decided/);
  for (let at = 40; at > 0; at -= 1) await page.keyboard.press("u");
  await isSaved(page);
  await isCounted(page, whole);
  equal(dialogs, 0);
  await page.reload();
  await title(page).waitFor();
  equal(await counted(page), whole);
  equal(await names(page), before, "nothing is left of it");
}));

/** Whoever closed the page kept what they had in hand: for two minutes, and not for the next test. */
const letGo = async (...who) => {
  const { matchCandidates } = await ask("everything", "{ matchCandidates(first: 5) { nodes { id } } }");
  for (const name of who) for (const { id } of matchCandidates.nodes) await ask(name, "mutation ($id: ID!) { candidateRelease(input: { id: $id }) { released } }", { id });
};
const isClaim = (answer) => /mutation Claim\b/.test(answer.request().postData() ?? "");

test("two stewards never have one pair in hand", () => both(["everything", "steward"], async (one, other) => {
  await letGo("everything", "steward");
  const inHand = one.waitForResponse(isClaim);
  await openQueue(one);
  const first = await title(one).textContent();
  await inHand;
  // The address follows.
  await until(one, () => new URL(location.href).searchParams.get("pair"));
  const claimed = new URL(one.url()).searchParams.get("pair");
  await openQueue(other);
  await other.getByRole("status").filter({ hasText: "Somebody else works at" }).waitFor();
  ok((await title(other).textContent()) !== first, "the other is given the next one");
  await other.goto(`${base}/review?pair=${claimed}`);
  await other.getByText("Somebody else has this pair in hand").waitFor();
  ok(await other.getByRole("button", { name: /^Same customer/ }).isDisabled());
  await accessible(other, "a pair that somebody else has");
  await one.keyboard.press("n");
  await isSaved(one);
  await other.reload();
  await other.getByText("The pair of this address no longer waits").waitFor();
  await one.keyboard.press("u");
  await isSaved(one);
}));

test("what could not be saved is back, with the reason", () => as("steward", async (page) => {
  await letGo("everything", "steward");
  await openQueue(page);
  const [first, whole] = [await title(page).textContent(), await counted(page)];
  const stop = (route) => (/mutation Decide\b/.test(route.request().postData() ?? "") ? route.abort() : route.continue());
  await page.route("**/graphql", stop);
  await page.keyboard.press("m");
  await page.getByRole("alert").filter({ hasText: "that was not saved: The hub does not answer" }).waitFor();
  equal(await title(page).textContent(), first, "the pair is on top again");
  await isCounted(page, whole);
  await accessible(page, "a failed save");
  await page.unroute("**/graphql", stop);
  await page.keyboard.press("n");
  await page.getByRole("status").filter({ hasText: "stay apart" }).waitFor();
  await isSaved(page);
  await page.keyboard.press("u");
  await isSaved(page);
  await isCounted(page, whole);
}));

test("later, a note, and whose pair it is", () => as("steward", async (page) => {
  await letGo("everything", "steward");
  await openQueue(page);
  const whole = await counted(page);
  await page.keyboard.press("a");
  await page.getByLabel("Whose it is").fill("steward@demo");
  await page.getByLabel("Due").fill("2031-05-01");
  await accessible(page, "assigning");
  await page.keyboard.press("Enter");
  await page.locator(".desk .badge", { hasText: "steward@demo" }).waitFor();
  await page.locator(".desk .badge", { hasText: "due 1 May 2031" }).waitFor();
  await page.getByRole("button", { name: /^mine/ }).click();
  await isCounted(page, 1);
  equal(new URL(page.url()).searchParams.get("who"), "me", "what the queue is narrowed to stands in the address");
  await page.keyboard.press("c");
  await page.getByLabel("Note, kept with the decision").fill("asked them by telephone");
  await page.keyboard.press("Enter");
  await page.keyboard.press("s");
  await page.getByRole("status").filter({ hasText: "come again tomorrow" }).waitFor();
  await isSaved(page);
  const { decisions } = await ask("steward", "{ decisions(first: 1, standing: true) { nodes { kind reason expiresAt } } }");
  equal(decisions.nodes[0].kind, "LATER");
  equal(decisions.nodes[0].reason, "asked them by telephone");
  await page.keyboard.press("u");
  await isCounted(page, 1);
  await page.keyboard.press("a");
  await page.getByLabel("Whose it is").fill("");
  await page.keyboard.press("Enter");
  await isCounted(page, 0);
  await page.getByText("No pair that you may see waits here.").waitFor();
  await accessible(page, "an empty queue");
  await page.getByRole("button", { name: /^mine/ }).click();
  await isCounted(page, whole);
}));

test("keys can be others, or off", () => as("steward", async (page) => {
  await page.goto(`${base}/settings`);
  await page.getByLabel("Not the same").fill("x");
  await page.getByLabel("Same customer").fill("x");
  await page.getByRole("alert").filter({ hasText: "already is" }).waitFor();
  await accessible(page, "settings with a problem");
  await openQueue(page);
  const whole = await counted(page);
  await page.keyboard.press("n");
  await page.keyboard.press("x");
  await isSaved(page);
  await isCounted(page, whole - 1);
  await page.keyboard.press("u");
  await isSaved(page);
  await isCounted(page, whole);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await accessible(page, "the list of keys");
  await page.keyboard.press("Escape");
  await page.goto(`${base}/settings`);
  await page.getByLabel(/Single keys act/).uncheck();
  await openQueue(page);
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  equal(await counted(page), whole);
  equal(await page.locator(".deciding kbd").count(), 0);
}));
