// Writes src/gql: the types of every document of the console, checked against the schema that the hub writes.
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildSchema, parse } from "graphql";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const sdl = await readFile("../schema/schema.graphql", "utf8");
const source = await readFile("src/documents.ts", "utf8");
const documents = [...source.matchAll(/graphql\(`([^`]+)`\)/g)].map(([, rawSDL]) => ({
  location: "src/documents.ts", document: parse(rawSDL), rawSDL,
}));
const schemaAst = buildSchema(sdl);
const scalars = { Date: "string", DateTime: "string", PartialDate: "string", Json: "unknown", _Any: "unknown" };
const config = { scalars, enumsAsTypes: true, useTypeImports: true, skipTypename: true, strictScalars: true };
const files = await preset.buildGeneratesSection({
  baseOutputDir: "src/gql/", schema: parse(sdl), schemaAst, documents, config, plugins: [], pluginMap: {}, pluginContext: {},
  presetConfig: { fragmentMasking: false, persistedDocuments: false },
});
for (const file of files) {
  await mkdir(dirname(file.filename), { recursive: true });
  await writeFile(file.filename, await codegen({ ...file, schemaAst }));
}
console.log(`${documents.length} documents fit the schema`);
