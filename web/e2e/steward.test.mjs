// What a steward does beside the queue: splitting, explaining, deciding many, holding values fast, and taking all of it back.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { accessible, as, ask, base, picture, until } from "./harness.mjs";

/** A customer of several records of several systems. */
const large = async () => {
  const { customers } = await ask("everything", "{ customers(filter: { minRecords: 4 }, first: 1) { nodes { id } } }");
  return customers.nodes[0].id;
};
const SHOWN = "query ($id: ID!) { customer(id: $id) { id displayName email phone recordCount provenance { path value rule } } }";
const shown = async (id) => JSON.stringify(await ask("everything", SHOWN, { id }));

for (const theme of ["light", "dark"]) {
  test(`a customer is looked at as graph and table, split by ticking, and whole again, ${theme}`, () => as("steward", async (page) => {
    const id = await large();
    const before = await shown(id);
    await page.goto(`${base}/customers/${id}?tab=together`);
    await page.locator(".graph .node").first().waitFor();
    const nodes = await page.locator(".graph .node").count();
    await accessible(page, `the graph, ${theme}`);
    for (const width of [1440, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await until(page, (narrow) => matchMedia("(max-width: 700px)").matches === narrow, width === 320);
      const boxes = await page.locator(".graph .node").evaluateAll((all) => all.map((one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return { left, right, top, bottom }; }));
      const over = boxes.flatMap((one, at) => boxes.slice(at + 1).filter((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom));
      deepEqual(over, [], `no record lies over another at ${width} pixels`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: "Table" }).click();
    equal(await page.getByRole("table", { name: "Records and their links" }).locator("tbody tr").count(), nodes, "the table has what the graph has");
    await accessible(page, `the table, ${theme}`);
    await page.locator(".together tbody input").first().check();
    await page.getByRole("button", { name: "Graph" }).click();
    equal(await page.locator(".node[aria-pressed=true]").count(), 1, "a tick is seen in the graph");
    await page.getByRole("button", { name: "Look at the split" }).click();
    await page.locator(".plan").getByText("2 customers").waitFor();
    await accessible(page, `looking at a split, ${theme}`);
    await picture(page, `split-${theme}`);
    await page.getByLabel("Why").fill("another person with the same telephone");
    await page.getByRole("button", { name: "Split", exact: true }).click();
    await page.locator(".split [role=status]").filter({ hasText: "Split into" }).waitFor();
    ok((await shown(id)) !== before, "it is split");
    await page.getByRole("button", { name: /^Undo: Split/ }).click();
    await page.getByText("Taken back.").waitFor();
    equal(await shown(id), before, "it is as it was");
  }, { theme }));

  test(`why two records are together, and why two are not, ${theme}`, () => as("steward", async (page) => {
    await page.goto(`${base}/customers/${await large()}?tab=together`);
    await page.locator(".graph .node").nth(0).click();
    await page.locator(".graph .node").nth(1).click();
    await page.getByRole("link", { name: /Why are the two/ }).click();
    await page.getByRole("heading", { name: "They are one customer now." }).waitFor();
    await page.goto(`${base}/review`);
    await page.locator("#pair-title").waitFor();
    await page.keyboard.press("w");
    await page.getByRole("heading", { name: /They are two customers; a steward is asked/ }).waitFor();
    await page.getByRole("heading", { name: "What would be enough" }).waitFor();
    const weights = (await page.locator(".waterfall .num").allTextContents()).map((text) => Number(text.replace("−", "-")));
    const total = weights.pop();
    ok(Math.abs(weights.reduce((a, b) => a + b, 0) - total) <= 0.05 * (weights.length + 1), "the numbers add up");
    await accessible(page, `why, why not, ${theme}`);
    await picture(page, `explain-${theme}`);
    await page.getByRole("link", { name: "Two other records" }).click();
    for (const [label, who] of [["One record", "robert.kovac@example.com"], ["The other record", "kingswood"]]) {
      const picker = page.getByRole("region", { name: label });
      await picker.getByRole("searchbox").fill(who);
      await picker.getByRole("button", { name: "Its records" }).last().click();
      await picker.getByRole("button", { name: "Take this record" }).last().click();
    }
    await page.getByRole("heading", { name: /^They are two customers/ }).waitFor();
  }, { theme }));
}

test("any two customers are merged after a look, and apart again", () => as("steward", async (page) => {
  const { matchCandidates } = await ask("steward", "{ matchCandidates(first: 1) { nodes { left { id } right { id displayName } } } }");
  const [{ left, right }] = matchCandidates.nodes;
  const before = [await shown(left.id), await shown(right.id)];
  await page.goto(`${base}/customers/${left.id}?tab=together`);
  await page.getByLabel("With another customer").fill(right.displayName);
  await page.getByRole("listitem").filter({ hasText: right.displayName }).getByRole("button", { name: "Look at the merge" }).first().click();
  await page.locator(".plan").getByText("1 customer", { exact: true }).waitFor();
  await accessible(page, "looking at a merge");
  await page.getByLabel("Why").fill("the same person, by telephone");
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.locator(".split [role=status]").filter({ hasText: "Merged into" }).waitFor();
  equal(await shown(left.id), await shown(right.id), "both ids lead to one customer");
  await page.getByRole("button", { name: /^Undo: Merged/ }).click();
  await page.getByText("Taken back.").waitFor();
  deepEqual([await shown(left.id), await shown(right.id)], before, "they are as they were");
}));

test("too little that is known of pairs alike holds deciding many back, and says how much is missing", () => as("steward", async (page) => {
  await page.goto(`${base}/review/many?decision=NEVER_LINK`);
  await page.getByText(/Sample 1 of/).waitFor();
  const { preview } = (await ask("steward", "{ decideManyPreview(input: { decision: NEVER_LINK, sample: 20 }) { preview { pairCount fingerprint proved evidence { decisionCount missingCount } } } }")).decideManyPreview;
  equal(preview.proved, false, `${preview.pairCount} pairs, and 20 of them are shown`);
  await page.locator(".gate").getByText(`${preview.evidence.missingCount} more`).waitFor();
  await page.locator(".gate").getByText("not enough yet").waitFor();
  await accessible(page, "too little is known");
  const { decideManyApply } = await ask("steward", "mutation ($input: DecideManyApplyInput!) { decideManyApply(input: $input) { plan { id } userErrors { code message } } }",
    { input: { decide: { decision: "NEVER_LINK", sample: 20 }, fingerprint: preview.fingerprint, reason: "past the page", idempotencyKey: "gate" } });
  equal(decideManyApply.userErrors[0].code, "REASON_NEEDED", "the hub itself holds it back");
  match(decideManyApply.userErrors[0].message, new RegExp(`${preview.evidence.missingCount} more`));
  for (let at = 1; at <= 20; at += 1) {
    await page.getByText(`Sample ${at} of 20`).waitFor();
    await page.keyboard.press("m");
  }
  await page.getByLabel("Why", { exact: true }).fill("namesakes of a list");
  await page.getByRole("button", { name: /^Keep apart/ }).click();
  ok(await page.getByLabel("Why although too little is known").evaluate((field) => !field.validity.valid), "the page asks for the second reason");
  await page.getByLabel("Why although too little is known").fill("the list is that of the registry");
  await picture(page, "gate");
  await page.getByRole("button", { name: /^Keep apart/ }).click();
  await page.getByText(/pairs decided/).waitFor();
  const { decisions } = await ask("steward", "{ decisions(first: 1) { nodes { reason } } }");
  match(decisions.nodes[0].reason, /namesakes of a list.*the list is that of the registry/);
  await page.getByRole("button", { name: /^Undo: the whole plan/ }).click();
  await page.getByText("Taken back.").waitFor();
}));

test("one disagreement stops deciding many; agreement decides all of them, and undo is one step", () => as("steward", async (page) => {
  await page.goto(`${base}/review?band=likely`);
  await page.locator("#pair-title").waitFor();
  const { matchCandidates: { totalCount: whole } } = await ask("steward", "{ matchCandidates { totalCount } }");
  await page.getByRole("link", { name: "Decide many…" }).click();
  equal(new URL(page.url()).searchParams.get("band"), "likely", "what is narrowed stays narrowed");
  await page.getByText(/Sample 1 of/).waitFor();
  await page.getByLabel("Decision").selectOption("not the same");
  await page.getByText(/Sample 1 of/).waitFor();
  await page.keyboard.press("m");
  await page.getByText(/Sample 2 of/).waitFor();
  await page.keyboard.press("n");
  await page.getByRole("alert").filter({ hasText: "Stopped: you do not agree" }).waitFor();
  equal(await page.getByRole("button", { name: /^Keep apart/ }).count(), 0);
  await accessible(page, "deciding many, stopped");
  await page.getByRole("button", { name: "Begin again" }).click();
  const first = await page.getByText(/Sample 1 of/).textContent();
  const size = Number(/of (\d+)/.exec(first)[1]);
  for (let at = 1; at <= size; at += 1) {
    await page.getByText(`Sample ${at} of ${size}`).waitFor();
    await page.keyboard.press("m");
  }
  await page.getByText(`You agreed with all ${size}`).waitFor();
  await accessible(page, "deciding many, agreed");
  await page.getByLabel("Why", { exact: true }).fill("checked by hand");
  const unproved = page.getByLabel("Why although too little is known");
  if (await unproved.count() > 0) await unproved.fill("each was looked at before");
  await page.getByRole("button", { name: /^Keep apart/ }).click();
  await page.getByText(/pairs? decided/).waitFor();
  const left = await ask("steward", "{ matchCandidates { totalCount } }");
  ok(left.matchCandidates.totalCount < whole, "they are decided");
  await page.getByRole("button", { name: /^Undo: the whole plan/ }).click();
  await page.getByText("Taken back.").waitFor();
  const again = await ask("steward", "{ matchCandidates { totalCount } }");
  equal(again.matchCandidates.totalCount, whole, "all of them are back");
}));

test("a value is held fast with a reason, told as such, and let go again", () => as("steward", async (page) => {
  const { customers } = await ask("everything", "{ customers(filter: { minRecords: 3 }, first: 50) { nodes { id provenance(paths: [\"displayName\"]) { value alternatives { value } } } } }");
  const { id } = customers.nodes.find((one) => one.provenance[0]?.alternatives.some((other) => other.value && other.value !== one.provenance[0].value));
  const before = await shown(id);
  await page.goto(`${base}/customers/${id}`);
  const name = page.locator("[aria-labelledby=golden] .golden > div", { has: page.locator("dt", { hasText: /^Name$/ }) });
  await name.locator("summary").click();
  await name.getByRole("button", { name: /^Use this Name/ }).first().click();
  await accessible(page, "holding a value fast");
  await name.getByLabel("Why").fill("as the passport has it");
  await name.getByRole("button", { name: "Hold it fast" }).click();
  await page.getByRole("heading", { name: "Held fast" }).waitFor();
  await until(page, () => /held fast by a steward/.test(document.querySelector("[aria-labelledby=golden]").textContent));
  await page.getByRole("link", { name: "Changes" }).click();
  await page.locator(".history").getByText("as the passport has it").first().waitFor();
  await accessible(page, "the changes of a customer");
  await page.locator("[aria-labelledby=pins]").getByRole("button", { name: "Undo: Name" }).click();
  await page.locator("#pins").waitFor({ state: "detached" });
  equal(await shown(id), before, "the rules choose again");
}));

test("history tells what was decided, also what was taken back, and undoes from there", () => as("steward", async (page) => {
  await page.goto(`${base}/review`);
  await page.locator("#pair-title").waitFor();
  await page.keyboard.press("n");
  await until(page, () => /1 decided$/.test(document.querySelector(".pace").textContent));
  await page.getByRole("link", { name: "History" }).click();
  const latest = page.locator(".history > li").first();
  await latest.getByText("not the same").waitFor();
  await latest.getByRole("button", { name: /^Undo/ }).click();
  await page.getByText("Taken back.").waitFor();
  await latest.getByText(/Taken back .* by steward@demo/).waitFor();
  for (const part of ["Plans", "Discarded", "Syncs"]) {
    await page.getByRole("link", { name: part, exact: true }).click();
    await until(page, () => !document.querySelector(".waiting"));
    await accessible(page, `the history of ${part}`);
  }
  match(await page.locator(".history").textContent(), /Zendesk Support.*read/s);
}));

test("each chart has a table that says the same", () => as("steward", async (page) => {
  await page.goto(`${base}/figures`);
  await until(page, () => document.querySelectorAll(".chart").length === 7);
  const said = await page.locator(".chart", { hasText: "How much the evidence weighs" }).locator("svg").getAttribute("aria-label");
  const drawn = [...said.replaceAll("−", "-").matchAll(/(-?\d+) (\d+)(?:,|$)/g)].map(([, from, n]) => [Number(from), Number(n)]);
  while (await page.getByRole("button", { name: "As a table" }).count() > 0) await page.getByRole("button", { name: "As a table" }).first().click();
  await accessible(page, "charts as tables");
  const table = await page.locator(".chart", { hasText: "How much the evidence weighs" }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => Number(cell.textContent.replace("−", "-")))));
  deepEqual(table, drawn);
  const { matchCandidates } = await ask("steward", "{ matchCandidates { totalCount } }");
  equal(table.reduce((sum, [, n]) => sum + n, 0), matchCandidates.totalCount, "every pair is in the picture");
}));

test("quarantine by cause: another try, discarded with a reason, and brought back", () => as("everything", async (page) => {
  await page.goto(`${base}/sources/stripe`);
  const cause = page.locator(".groups > li", { has: page.locator("strong", { hasText: /^CURRENCY$/ }) });
  await cause.getByRole("button", { name: /^Try again/ }).click();
  await page.getByText(/1 still did not fit/).waitFor();
  await cause.getByRole("button", { name: /^Discard/ }).first().click();
  await page.getByLabel(/^Why these 1 payload/).fill("made up by a test");
  await accessible(page, "discarding");
  await page.getByRole("button", { name: "Discard 1 payload" }).click();
  await page.getByText("1 payload discarded.").waitFor();
  await cause.waitFor({ state: "detached" });
  const gone = page.locator("[aria-labelledby=discarded] li");
  match(await gone.textContent(), /CURRENCY.*everything@demo.*made up by a test/s);
  await accessible(page, "something discarded");
  await gone.getByRole("button", { name: /^Undo/ }).click();
  await page.getByText("1 payload waits again").waitFor();
  await cause.waitFor();
}));

test("the data map tells who fills what", () => as("everything", async (page) => {
  await page.goto(`${base}/sources`);
  await page.getByRole("link", { name: "Data map" }).click();
  const row = page.locator(".map tbody tr", { has: page.getByRole("rowheader", { name: "E-mail addresses", exact: true }) });
  await row.waitFor();
  match(await row.textContent(), /\d+ %/);
  await page.getByRole("button", { name: "Invoice", exact: true }).click();
  await page.locator(".map").getByRole("rowheader", { name: "Number" }).waitFor();
  equal(new URL(page.url()).searchParams.get("type"), "Invoice");
}));

test("whoever reviews nothing is offered no pins, splits or decisions", () => as("billing", async (page) => {
  const id = await large();
  await page.goto(`${base}/customers/${id}`);
  await page.locator("#golden").waitFor();
  equal(await page.getByRole("link", { name: "Held together" }).count(), 0);
  equal(await page.getByRole("button", { name: /^Use this/ }).count(), 0);
  await page.goto(`${base}/customers/${id}?tab=together`);
  await page.getByRole("alert").filter({ hasText: /not allowed for you/ }).or(page.getByText("told to those who review")).first().waitFor();
  await page.goto(`${base}/review/many`);
  await page.getByText("Only stewards decide.").waitFor();
  await page.goto(`${base}/history`);
  await page.locator(".history > li").first().waitFor();
  equal(await page.getByRole("link", { name: "Decisions", exact: true }).count(), 0, "only what they may see is offered");
}));
