// A hub with example data, and a real browser that looks at it. Every page promises at its end that it asked nobody else.
import { ok, deepEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";

const BINARY = process.env.ONEFOLD_BINARY ?? "../target/debug/onefold";
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Generous: a machine under load is slow, and a condition that comes true late is true. */
const PATIENCE_MS = Number(process.env.ONEFOLD_PATIENCE ?? 120_000);
const SCREENS = process.env.ONEFOLD_SCREENS;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const hub = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
const said = await new Promise((resolve, reject) => {
  let text = "";
  hub.stdout.setEncoding("utf8").on("data", (part) => { text += part; if (text.includes("Stop with")) resolve(text); });
  hub.once("exit", (code) => reject(new Error(`the hub ended with ${code}: ${text}`)));
  hub.once("error", reject);
});
const tokens = Object.fromEntries([...said.matchAll(/^ {2}(\w+) +(ey\S+)$/gm)].map(([, name, token]) => [name, token]));
const hubUrl = /serves (http:\/\/[^/]+)/.exec(said)[1];

// The hub takes a session only from a page of the host that it was asked as.
const to = { target: hubUrl, changeOrigin: false, ws: true };
// For those who change the console: the files of web/dist without a new binary, under the policy that the hub sends.
const policy = /const POLICY: &str = "([^;]+;(?:[^"])*)"/s.exec(await readFile("../src/http/console.rs", "utf8"))[1].replaceAll(/\\\n\s*/g, "");
const vite = process.env.ONEFOLD_VITE
  ? await (await import("vite")).preview({ preview: { port: 0, host: "127.0.0.1", headers: { "content-security-policy": policy }, proxy: { "/graphql": to, "/auth": to } } })
  : undefined;
export const base = vite ? `http://127.0.0.1:${vite.httpServer.address().port}` : hubUrl;
export const isBinary = !vite;
export const tokenOf = (who) => tokens[who];

const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

after(async () => {
  await browser.close();
  await vite?.close();
  hub.removeAllListeners("exit");
  const ended = new Promise((resolve) => hub.once("exit", resolve));
  hub.kill("SIGINT");
  await ended;
});

const OWN = /^\/($|assets\/|auth\/|graphql$|review|customers|sources|signin|nowhere|history|figures|data-map|settings|explain)/;

/** The hub's own word, past the console: for what a page does not show. */
export const ask = async (who, query, variables = {}) => {
  const answer = await fetch(`${hubUrl}/graphql`, { method: "POST", headers: { authorization: `Bearer ${tokenOf(who)}`, "content-type": "application/json" }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};

/** A browser of its own, signed in as somebody; `act` gets its page. */
export const as = async (who, act, { width = 1440, height = 900, theme = "light" } = {}) => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const asked = [];
  const sockets = [];
  const broken = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
  page.on("pageerror", (error) => broken.push(String(error)));
  page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) broken.push(message.text()); });
  try {
    if (who) {
      await page.goto(`${base}/#token=${tokenOf(who)}`);
      await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    }
    await act(page, { asked, sockets, context });
    const foreign = asked.map((line) => line.split(" ")).filter(([, url]) => !url.startsWith("data:") && (new URL(url).origin !== base || !OWN.test(new URL(url).pathname)));
    deepEqual(foreign, [], "only this host is asked, and for data only /graphql");
    const data = asked.filter((line) => line.includes("/graphql"));
    ok(data.every((line) => line === `POST ${base}/graphql`), "data is asked for by POST alone");
    ok(sockets.every((url) => url === `${base.replace("http", "ws")}/graphql`), `what is told as it happens comes from there too: ${sockets}`);
    deepEqual(broken, [], "no error, and nothing that the content security policy stopped");
  } finally {
    await context.close();
  }
};

/** Two people at once, each in a browser of their own. */
export const both = ([one, other], act) => as(one, (first) => as(other, (second) => act(first, second)));

/** WCAG 2.2 AA as axe checks it. The policy of the page lets no script in, so it is run from outside. */
export const accessible = async (page, what) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  const wrong = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3).join(" | ")}`);
  deepEqual(wrong, [], `${what}: ${found.passes.length} rules were met`);
};

export const picture = async (page, name) => {
  if (!SCREENS) return;
  await mkdir(SCREENS, { recursive: true });
  await page.screenshot({ path: `${SCREENS}/${name}.png` });
};

/** Reads until what is on the page is as it should be. */
export const until = (page, condition, argument) => page.waitForFunction(condition, argument, { timeout: PATIENCE_MS });
