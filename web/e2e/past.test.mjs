// A customer as of a day: what its sources say held then, or what the hub knew; marked as the past, and one key from today.
import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { accessible, as, ask, base, picture, until } from "./harness.mjs";

const THEN = "query ($id: ID!, $asOf: DateTime) { customer(id: $id, asOf: $asOf) { displayName recordCount provenance { path } sourceRecords(first: 50) { totalCount } } }";
const endOf = (day) => new Date(`${day}T23:59:59.999`).toISOString();
const DAYS = ["2026-10-31", "2026-09-01", "2026-06-01", "2026-03-01"];

/** A customer of whom fewer records held on a day than hold today. */
const grown = async () => {
  const { customers } = await ask("everything", "{ customers(filter: { minRecords: 2 }, first: 60) { nodes { id recordCount displayName } } }");
  for (const { id, recordCount, displayName } of customers.nodes) {
    for (const day of DAYS) {
      const { customer } = await ask("everything", THEN, { id, asOf: endOf(day) });
      if (customer && customer.recordCount < recordCount) return { id, day, then: customer, now: { recordCount, displayName } };
    }
  }
  throw new Error("nobody of the example data had fewer records before");
};
const { id, day, then, now } = await grown();
const lead = (page) => page.locator(".lead").textContent();

for (const theme of ["light", "dark"]) {
  test(`a customer is looked at as of a day, and one key leads back to today, ${theme}`, () => as("everything", async (page) => {
    await page.goto(`${base}/customers/${id}`);
    await page.locator("#golden").waitFor();
    match(await lead(page), new RegExp(`${now.recordCount} record`));
    equal(await page.locator(".past-mark").count(), 0);
    await page.getByLabel("As of").fill(day);
    await page.locator(".past-mark").getByText("what its sources say held then").first().waitFor();
    await page.locator(".past #golden").waitFor();
    equal(new URL(page.url()).searchParams.get("at"), day, "the day stands in the address");
    match(await lead(page), new RegExp(`${then.recordCount} record`));
    equal(await page.getByRole("heading", { level: 1 }).textContent(), then.displayName);
    equal(await page.locator(".past .golden > div").count(), then.provenance.length, "as many values as the hub tells");
    await page.getByText("What happened with a customer is not kept by time").waitFor();
    equal(await page.getByRole("button", { name: /^Use this/ }).count(), 0, "nothing is changed in the past");
    await accessible(page, `the past, ${theme}`);
    await picture(page, `past-${theme}`);
    await page.getByRole("link", { name: "Source records" }).click();
    equal(await page.locator(".past .records > li").count(), then.sourceRecords.totalCount);
    equal(new URL(page.url()).searchParams.get("at"), day, "it is the same day in every part");
    await page.getByRole("link", { name: "All values" }).click();
    await page.getByText("Consents are not kept by time").waitFor();
    await accessible(page, `values of the past, ${theme}`);
    await page.keyboard.press("t");
    await page.locator(".past-mark").waitFor({ state: "detached" });
    equal(new URL(page.url()).searchParams.get("at"), null);
    await until(page, (wanted) => document.querySelector(".lead").textContent.includes(wanted), `${now.recordCount} record`);
  }, { theme }));
}

test("a day before anything was known, and one that is still to come, say so", () => as("everything", async (page) => {
  await page.goto(`${base}/customers/${id}?at=2020-01-01&by=hub`);
  await page.getByRole("heading", { level: 1, name: "Not known then" }).waitFor();
  await page.getByText("The hub did not know this customer on that day").waitFor();
  await accessible(page, "not known then");
  await page.getByLabel("As of").fill("2999-01-01");
  await page.getByRole("alert").filter({ hasText: "still to come" }).waitFor();
  await page.getByRole("button", { name: /^Back to today/ }).click();
  await page.locator("#golden").waitFor();
  await page.goto(`${base}/customers/${id}?at=nonsense`);
  await page.locator("#golden").waitFor();
  equal(await page.locator(".past-mark").count(), 0, "what is no day is today");
}));

test("on a telephone the past fits, and what the role may not see is not shown then either", () => as("marketing", async (page) => {
  await page.goto(`${base}/customers/${id}?at=${day}`);
  await page.locator(".past-mark").waitFor();
  await until(page, () => !document.querySelector(".waiting"));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  ok(wide <= 0, `nothing reaches ${wide} pixels over the edge`);
  await accessible(page, "the past on a telephone");
  await picture(page, "past-phone");
}, { width: 320, height: 720 }));
