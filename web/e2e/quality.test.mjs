// How right matching was: a sample that is drawn from the page, judged blind, and shown as what was predicted beside what was found.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { accessible, as, ask, base, picture, until } from "./harness.mjs";

const NEXT = "mutation { blindReviewNext { pair { id lines { attribute left right } } userErrors { message } } }";
const JUDGE = "mutation ($input: BlindReviewJudgeInput!) { blindReviewJudge(input: $input) { noted userErrors { message } } }";
const STRATA = "{ matchQuality { strata { low high linked pairCount judgedCount sameCount } } }";
/** So many are judged: enough of each stratum to be seen. */
const JUDGED = 40;

const quiet = (page) => until(page, () => document.querySelector(".chart") && !document.querySelector(".waiting"));

test("a sample is drawn from the page, and says that it waits", () => as("everything", async (page) => {
  await page.goto(`${base}/figures`);
  await quiet(page);
  await page.getByText("No sample was drawn yet").waitFor();
  await accessible(page, "no sample");
  await page.getByRole("button", { name: "Draw this month's sample" }).click();
  await page.getByText(/pairs of \d{4}-\d{2} wait to be judged/).waitFor();
  await accessible(page, "a sample that waits");
}));

test("pairs are judged blind, one key each, and the page tells nothing of what matching thought", () => as("everything", async (page) => {
  await page.goto(`${base}/figures`);
  await quiet(page);
  await page.getByRole("link", { name: "judge blind" }).click();
  await page.getByRole("heading", { level: 1, name: "Judge blind" }).waitFor();
  await page.locator(".pair tbody tr").first().waitFor();
  await accessible(page, "judging blind");
  await picture(page, "blind");
  const shown = await page.locator("main").textContent();
  ok(!/\d %|almost certain|likely|unsure/.test(shown), `no score: ${shown}`);
  for (let at = 1; at <= 3; at += 1) {
    await page.keyboard.press(at === 2 ? "n" : "m");
    await page.getByText(`${at} judged.`).waitFor();
  }
}));

test("what was judged is shown as the hub counts it, as a picture and as a table", async () => {
  for (let at = 0; at < JUDGED; at += 1) {
    const { blindReviewNext: { pair } } = await ask("everything", NEXT);
    if (!pair) break;
    const same = pair.lines.filter((line) => line.attribute === "EMAIL" || line.attribute === "PHONE").some(({ left, right }) => left && left === right);
    const judge = async (word) => (await ask("everything", JUDGE, { input: { id: pair.id, same: word, reason: "by what they say", idempotencyKey: `${pair.id} ${word}` } })).blindReviewJudge;
    const said = await judge(same);
    // Where one system calls a person what another calls an organisation, only the other word is taken.
    if (!said.noted) deepEqual((await judge(!same)).userErrors, [], JSON.stringify(said));
  }
  const { matchQuality: [{ strata }] } = await ask("everything", STRATA);
  const judged = strata.filter((one) => one.judgedCount > 0);
  ok(judged.length > 0, JSON.stringify(strata));
  for (const theme of ["light", "dark"]) {
    await as("everything", async (page) => {
      await page.goto(`${base}/figures`);
      await quiet(page);
      const chart = page.locator(".chart", { hasText: "Predicted and found" });
      equal(await chart.locator("svg circle").count(), judged.length, "a point for each range that was judged");
      await chart.scrollIntoViewIfNeeded();
      await accessible(page, `calibration, ${theme}`);
      await picture(page, `quality-${theme}`);
      await chart.getByRole("button", { name: "As a table" }).click();
      const cells = await chart.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1, 4).map((cell) => Number(cell.textContent.replaceAll(",", "")))));
      const told = strata.toSorted((one, other) => one.low - other.low).map((one) => [one.pairCount, one.judgedCount, one.sameCount]);
      deepEqual(cells.toSorted(), told.toSorted(), "the table says what the hub counts");
      const people = page.locator(".chart", { hasText: "People and matching" });
      await people.getByRole("button", { name: "As a table" }).click();
      const agreed = await people.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => Number(cell.textContent))));
      const expected = judged.map((one) => { const agrees = one.linked ? one.sameCount : one.judgedCount - one.sameCount; return [agrees, one.judgedCount - agrees]; });
      deepEqual(agreed.toSorted(), expected.toSorted());
      await accessible(page, `calibration as a table, ${theme}`);
    }, { theme });
  }
});

test("a decision that somebody else took back is told of whoever made it", () => as("steward", async (page) => {
  const { matchCandidates } = await ask("steward", "{ matchCandidates(first: 1) { nodes { leftRecord { id } rightRecord { id } } } }");
  const [{ leftRecord, rightRecord }] = matchCandidates.nodes;
  const { matchDecide } = await ask("everything", "mutation ($input: MatchDecideInput!) { matchDecide(input: $input) { decision { id } userErrors { message } } }",
    { input: { leftRecord: leftRecord.id, rightRecord: rightRecord.id, decision: "NEVER_LINK", reason: "two people", idempotencyKey: "agreement" } });
  await ask("steward", "mutation ($input: DecisionUndoInput!) { decisionUndo(input: $input) { userErrors { message } } }", { input: { id: matchDecide.decision.id, reason: "one person" } });
  await page.goto(`${base}/figures`);
  await quiet(page);
  const chart = page.locator(".chart", { hasText: "Stewards and each other" });
  match(await chart.locator("svg").getAttribute("aria-label"), /everything@demo \d+/);
  await chart.getByRole("button", { name: "As a table" }).click();
  const row = await chart.locator("tbody tr", { hasText: "everything@demo" }).locator("td").allTextContents();
  equal(Number(row.at(-1)), 1, `taken back by somebody else: ${row}`);
}));
