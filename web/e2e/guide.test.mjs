// Every example of the guide for frontends is run as it stands there.
import { equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { base, tokenOf } from "./harness.mjs";

const run = promisify(execFile);
const guide = await readFile("../docs/guides/frontend.md", "utf8");
const examples = [...guide.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, file, text]) => ({ file, text }));

/** What each program prints, as far as it is always the same. */
const PRINTS = {
  "urql.mjs": /^5 5\n\w+_\w+ \S+\n$/,
  "apollo.mjs": /^6\n$/,
  "lists.mjs": /^3 true\n$/,
  "relay.mjs": /^4\n$/,
  "events.mjs": /^cust\w*_\w+\n$/,
};

test("the examples of the guide do what they say", async () => {
  await mkdir(".made", { recursive: true });
  const folder = await mkdtemp(".made/guide-");
  try {
    for (const { file, text } of examples) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    await copyFile("../schema/schema.graphql", join(folder, "schema.graphql"));
    await run(createRequire(import.meta.url)("relay-compiler"), ["relay.config.json"], { cwd: folder });
    const programs = examples.map(({ file }) => file).filter((file) => file.endsWith(".mjs"));
    equal(programs.join(), Object.keys(PRINTS).join(), "each program is expected to print something");
    for (const program of programs) {
      const { stdout } = await run("node", [program], { cwd: folder, env: { ...process.env, HUB: base, TOKEN: tokenOf("everything") }, timeout: 120_000 });
      ok(PRINTS[program].test(stdout), `${program} prints ${JSON.stringify(stdout)}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
