// Puts .br and .gz beside each built file, and fails where the first load is larger than people should wait for.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const BUDGET_KB = 200;
const html = await readFile("dist/index.html", "utf8");
let first = 0;
for (const path of ["index.html", ...(await readdir("dist/assets")).map((name) => `assets/${name}`)]) {
  if (/\.(br|gz|map)$/.test(path)) continue;
  const plain = await readFile(`dist/${path}`);
  const gz = gzipSync(plain, { level: 9 });
  await writeFile(`dist/${path}.gz`, gz);
  await writeFile(`dist/${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  // Whatever the page names is loaded with it.
  if (path === "index.html" || html.includes(`/${path}`)) first += gz.length;
}
const kb = first / 1000;
console.log(`first load: ${kb.toFixed(1)} kB gzip of at most ${BUDGET_KB}`);
if (kb > BUDGET_KB) {
  console.error("the first load is over its budget: leave something out, or load it later");
  process.exit(1);
}
