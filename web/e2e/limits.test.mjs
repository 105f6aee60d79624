// Figures that are promised: what jumps while a page loads, a hundred thousand rows, and every screen where there is nothing,
// where nothing answers, and where names are very long or run from right to left.
import { deepEqual, equal, ok } from "node:assert/strict";
import { cpus, loadavg } from "node:os";
import { test } from "node:test";
import { accessible, as, ask, base, picture, until } from "./harness.mjs";

const MOST_SHIFT = 0.05;
const LONG = "Wolfeschlegelsteinhausenbergerdorff-Keihanaikukauakahihuliheekahaunaele the Honourable Widow of the late Ambassador to the Court of Saint James";
const RIGHT = "عبد الرحمن بن محمد الحسيني";

const customer = (await ask("everything", "{ customers(filter: { minRecords: 4 }, first: 1) { nodes { id } } }")).customers.nodes[0].id;
const PATHS = ["/", "/review", "/review/many", "/review/blind", "/customers", `/customers/${customer}`, `/customers/${customer}?tab=together`, `/customers/${customer}?tab=changes`, `/customers/${customer}?tab=values`,
  "/sources", "/sources/stripe", "/history", "/history?what=plans", "/history?what=discards", "/history?what=syncs", `/customers/${customer}?at=2026-10-01`, "/figures", "/data-map", "/settings", "/explain"];

const isQuiet = async (page) => {
  await until(page, () => document.querySelector("main h1") && !document.querySelector(".waiting"));
};

const isBare = async (page, what) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  ok(wide <= 0, `${what}: nothing reaches ${wide} pixels over the edge`);
};

for (const [name, size] of [["desktop", { width: 1440, height: 900 }], ["telephone", { width: 320, height: 720 }]]) {
  test(`nothing jumps on a ${name}`, () => as("everything", async (page, { context }) => {
    await context.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) globalThis.shifts.push([one.value, one.sources.map(({ node }) => node?.nodeName + "." + (node?.className ?? "")).join(" ")]); }).observe({ type: "layout-shift", buffered: true });
    });
    const worst = [];
    for (const path of PATHS) {
      await page.goto(base + path);
      await isQuiet(page);
      if (path === "/review") await page.locator(".after .golden").waitFor();
      // What shifts is told after it is painted.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)))));
      const shifts = await page.evaluate(() => globalThis.shifts);
      worst.push([shifts.reduce((sum, [value]) => sum + value, 0), path, shifts.filter(([value]) => value > 0.01)]);
    }
    worst.sort(([one], [other]) => other - one);
    console.log(`layout shift, ${name}: at most ${worst[0][0].toFixed(3)} (${worst[0][1].replace(customer, "…")}) of ${worst.length} pages`);
    deepEqual(worst.filter(([sum]) => sum > MOST_SHIFT), []);
  }, size));
}

test("a hundred thousand rows scroll, and only those that are seen are drawn", () => as("everything", async (page) => {
  const ALL = 100_000;
  // Answered in the page itself, so that what is measured is the console and not the way to the hub.
  await page.addInitScript((all) => {
    const real = globalThis.fetch;
    globalThis.fetch = async (to, options) => {
      const { query = "", variables } = typeof options?.body === "string" ? JSON.parse(options.body) : {};
      if (!/query Customers\b/.test(query)) return real(to, options);
      const from = Number(variables.after ?? 0);
      const until = Math.min(all, from + variables.first);
      const nodes = Array.from({ length: until - from }, (_, at) => ({ __typename: "Person", id: `customer_${from + at}`, displayName: `Customer ${from + at}`, email: `c${from + at}@example.com`, phone: null, recordCount: 1, changedAt: "2026-11-01T12:00:00Z", restrictions: [] }));
      const pageInfo = { __typename: "PageInfo", hasNextPage: until < all, hasPreviousPage: from > 0, startCursor: String(from), endCursor: String(until) };
      return new Response(JSON.stringify({ data: { customers: { __typename: "CustomerConnection", totalCount: all, pageInfo, nodes } } }), { headers: { "content-type": "application/graphql-response+json" } });
    };
  }, ALL);
  await page.goto(`${base}/customers`);
  await page.getByText("Customer 0", { exact: true }).waitFor();
  let most = await page.evaluate(async (all) => {
    let drawn = 0;
    while (Number(document.querySelector("[data-loaded]").dataset.loaded) < all) {
      scrollTo(0, document.documentElement.scrollHeight);
      await new Promise(requestAnimationFrame);
      drawn = Math.max(drawn, document.querySelectorAll(".long tbody tr").length);
    }
    return drawn;
  }, ALL);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.getByText(`Customer ${ALL - 1}`, { exact: true }).waitFor();
  equal(await page.locator(".long").getAttribute("aria-rowcount"), String(ALL + 1));
  const frames = await page.evaluate(() => new Promise((resolve) => {
    const took = [];
    let last = performance.now();
    const step = (now) => {
      took.push(now - last);
      last = now;
      scrollBy(0, -600);
      if (took.length < 300) requestAnimationFrame(step);
      else resolve(took.slice(1).sort((a, b) => a - b));
    };
    requestAnimationFrame(step);
  }));
  most = Math.max(most, await page.locator(".long tbody tr").count());
  console.log(`100,000 rows: at most ${most} are drawn; 300 frames of scrolling, p50 ${frames[150].toFixed(1)} ms, p95 ${frames[284].toFixed(1)} ms, longest ${frames.at(-1).toFixed(1)} ms, ${frames.filter((took) => took > 50).length} over 50 ms, at a load of ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
  ok(most <= 120, `${most} rows are drawn`);
  await accessible(page, "a long list");
}));

/** The hub's own answers, changed on the way: the shape stays that of the schema. */
const changed = (value, change) => {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key in change ? change[key](inner) : changed(inner, change)]));
};
const named = (text) => ({ displayName: (was) => (was === null ? null : text), title: () => text, subject: () => text });
const none = () => [];
const STATES = {
  empty: { nodes: none, totalCount: () => 0, sources: none, dataMap: none, provenance: none, matchCandidates: (was) => (Array.isArray(was) ? [] : { ...was, nodes: [], totalCount: 0 }), steps: none, valuePins: none, sample: none, pairCount: () => 0 },
  long: named(LONG),
  "right to left": named(RIGHT),
};

for (const [theme, size, where] of [["light", { width: 1440, height: 900 }, "desktop"], ["dark", { width: 320, height: 720 }, "telephone"]]) {
  for (const [state, change] of Object.entries(STATES)) {
    test(`every screen, ${state}, ${theme}, ${where}`, () => as("everything", async (page) => {
      await page.route("**/graphql", async (route) => {
        if (/query Viewer\b/.test(route.request().postData() ?? "")) return route.continue();
        const answer = await route.fetch();
        return route.fulfill({ response: answer, json: changed(await answer.json(), change) });
      });
      for (const path of PATHS) {
        await page.goto(base + path);
        await isQuiet(page);
        await accessible(page, `${path}, ${state}`);
        await isBare(page, `${path}, ${state}`);
        if (state !== "empty" && path === "/review" && where === "desktop") await picture(page, `review-${state.replaceAll(" ", "-")}`);
      }
      await page.unrouteAll({ behavior: "wait" });
    }, { theme, ...size }));
  }

  test(`every screen where the hub does not answer, ${theme}, ${where}`, () => as("everything", async (page) => {
    await page.route("**/graphql", (route) => (/query Viewer\b/.test(route.request().postData() ?? "") ? route.continue() : route.abort()));
    for (const path of PATHS.filter((one) => !["/settings", "/explain"].includes(one))) {
      await page.goto(base + path);
      await page.getByRole("alert").filter({ hasText: "The hub does not answer" }).first().waitFor();
      await accessible(page, `${path}, nothing answers`);
      await isBare(page, `${path}, nothing answers`);
    }
  }, { theme, ...size }));
}
