// Every screen in both themes: it shows what it should, breaks no rule of WCAG 2.2 AA, and looks as docs/screens shows it.
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { accessible, as, base, picture, until } from "./harness.mjs";

const settled = (page) => until(page, () => !document.querySelector(".waiting") && document.querySelector("h1"));

const open = async (page, path, heading) => {
  await page.goto(base + path);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  await settled(page);
};

const toKovac = async (page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("robert.kovac@example.com");
  await page.getByRole("option", { name: /Robert Kova/ }).first().click();
  await page.getByRole("heading", { level: 1, name: /Kova/ }).waitFor();
  await page.locator(".timeline li").first().waitFor();
};

const SCREENS = {
  home: (page) => open(page, "/", "Home"),
  review: async (page) => { await open(page, "/review", "Review"); await page.locator(".after .golden").waitFor(); },
  customers: (page) => open(page, "/customers", "Customers"),
  customer: async (page) => {
    await toKovac(page);
    const losers = page.locator(".losers summary").first();
    if (await losers.count()) await losers.click();
  },
  records: async (page) => {
    await toKovac(page);
    await page.getByRole("link", { name: "Source records" }).click();
    await page.locator(".records summary").first().click();
    await page.locator(".json").first().waitFor();
  },
  values: async (page) => { await toKovac(page); await page.getByRole("link", { name: "All values" }).click(); await page.getByRole("heading", { name: "Identifiers" }).waitFor(); },
  sources: (page) => open(page, "/sources", "Sources"),
  source: async (page) => {
    await open(page, "/sources/stripe", "Stripe");
    await page.locator("[aria-labelledby=quarantine] summary").first().click();
    await page.locator(".json").first().waitFor();
  },
  together: async (page) => {
    await toKovac(page);
    await page.getByRole("link", { name: "Held together" }).click();
    await page.locator(".graph .node").first().waitFor();
  },
  changes: async (page) => { await toKovac(page); await page.getByRole("link", { name: "Changes" }).click(); await page.getByText(/In the hub since/).waitFor(); },
  explain: (page) => open(page, "/explain", "Why, why not"),
  many: async (page) => { await open(page, "/review/many", "Decide many"); await page.getByText(/Sample 1 of/).waitFor(); },
  history: async (page) => { await open(page, "/history?what=syncs", "History"); await page.locator(".history > li").first().waitFor(); },
  figures: async (page) => { await open(page, "/figures", "Figures"); await until(page, () => document.querySelectorAll(".chart svg").length >= 4); },
  "data-map": async (page) => { await open(page, "/data-map", "Data map"); await page.locator(".map").waitFor(); },
  settings: (page) => open(page, "/settings", "Settings"),
  palette: async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("kovac");
    await until(page, () => /\d+ found/.test(document.querySelector(".palette-status")?.textContent ?? ""));
  },
};

for (const theme of ["light", "dark"]) {
  for (const [name, show] of Object.entries(SCREENS)) {
    test(`${name}, ${theme}`, () => as("everything", async (page) => {
      await show(page);
      await accessible(page, `${name}, ${theme}`);
      await picture(page, `${name}-${theme}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      ok(wide <= 0, `nothing reaches ${wide} pixels over the edge`);
    }, { theme }));
  }

  test(`signing in, ${theme}`, () => as(undefined, async (page) => {
    await page.goto(`${base}/review`);
    await page.getByRole("heading", { name: "Sign in to Onefold" }).waitFor();
    await accessible(page, `signing in, ${theme}`);
    await picture(page, `signin-${theme}`);
  }, { theme }));

  test(`what a role does not see, ${theme}`, () => as("marketing", async (page) => {
    await toKovac(page);
    await page.getByText("withheld from you here").click();
    await page.getByRole("cell", { name: /^In part: .*marketing\.phone-end$/ }).first().waitFor();
    ok(await page.getByText("Not shown to you: invoices, payments").isVisible());
    await page.locator(".restrictions").first().scrollIntoViewIfNeeded();
    await accessible(page, `restrictions, ${theme}`);
    await picture(page, `restrictions-${theme}`);
  }, { theme }));
}

for (const [name, show] of Object.entries(SCREENS)) {
  test(`${name} on a telephone`, () => as("everything", async (page) => {
    await show(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    ok(wide <= 0, `nothing reaches ${wide} pixels over the edge of 320`);
    await accessible(page, `${name} on a telephone`);
    if (["review", "customer", "together", "figures", "source"].includes(name)) await picture(page, `${name}-phone`);
  }, { width: 320, height: 720 }));
}
