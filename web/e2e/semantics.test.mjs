// Random valid documents, made from the schema that the hub tells: each answer has the keys of its selection in their order,
// null only where null may be, and errors that point at what is null.
import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  buildClientSchema, getIntrospectionQuery, getNamedType, getNullableType, isAbstractType, isEnumType, isLeafType, isListType,
  isNonNullType, isRequiredArgument, isUnionType, parse, validate,
} from "graphql";
import { base, tokenOf } from "./harness.mjs";

const authorization = `Bearer ${tokenOf("everything")}`;
const ask = async (query) => (await fetch(`${base}/graphql`, { method: "POST", headers: { authorization, "content-type": "application/json" }, body: JSON.stringify({ query }) })).json();
const schema = buildClientSchema((await ask(getIntrospectionQuery())).data);
const known = (await ask("{ customers(first: 1) { nodes { id sourceRecords { nodes { id } } } } }")).data.customers.nodes[0];

/** What is given to arguments, so that most documents find something. */
const GIVEN = {
  customer: { id: known.id }, node: { id: known.id }, nodes: { ids: [known.id] }, customers: { first: 3 }, search: { text: "kovac", first: 3 },
  explainCustomer: { id: known.id }, valuePins: { customer: known.id }, customerBySource: { source: "stripe", externalId: "nothing" },
};
const ROUNDS = 150;
const DEPTH = 4;

/** The same numbers each time: a document that fails can be made again. */
const random = (seed) => () => { seed = (seed * 1_664_525 + 1_013_904_223) >>> 0; return seed / 2 ** 32; };

class Writer {
  #random; #fragments = []; #aliases = 0;
  constructor(seed) { this.#random = random(seed); }
  #below(n) { return Math.floor(this.#random() * n); }

  document() { const body = this.#set(schema.getQueryType(), DEPTH); return `${body} ${this.#fragments.join(" ")}`; }

  #set(type, depth) {
    const fields = Object.values(type.getFields());
    const parts = Array.from({ length: 1 + this.#below(5) }, () => (this.#random() < 0.12 ? "__typename" : this.#field(fields[this.#below(fields.length)], depth))).filter(Boolean);
    if (!parts.length) parts.push("__typename");
    if (this.#random() < 0.2) parts.push(parts[0]);
    if (this.#random() < 0.15) {
      const at = this.#below(parts.length);
      const name = `F${this.#fragments.length}`;
      if (this.#random() < 0.5) parts[at] = `... on ${type.name} { ${parts[at]} }`;
      else { this.#fragments.push(`fragment ${name} on ${type.name} { ${parts[at]} }`); parts[at] = `...${name}`; }
    }
    return `{ ${parts.join(" ")} }`;
  }

  #field(field, depth) {
    const type = getNamedType(field.type);
    if (!isLeafType(type) && depth <= 0) return undefined;
    const given = { ...GIVEN[field.name] };
    for (const argument of field.args) {
      if (argument.name in given || !isRequiredArgument(argument)) continue;
      const value = this.#value(argument.type);
      if (value === undefined) return undefined;
      given[argument.name] = value;
    }
    const written = field.args.filter(({ name }) => name in given).map(({ name, type: of }) => `${name}: ${literal(of, given[name])}`);
    const alias = written.length || this.#random() < 0.25 ? `a${this.#aliases++}: ` : "";
    const chance = this.#random();
    const directive = chance < 0.05 ? " @skip(if: false)" : chance < 0.09 ? " @include(if: false)" : "";
    let below = "";
    if (isUnionType(type)) below = ` { __typename ${type.getTypes().map(({ name }) => `... on ${name} { __typename }`).join(" ")} }`;
    else if (!isLeafType(type)) below = ` ${this.#set(type, depth - 1)}`;
    return `${alias}${field.name}${written.length ? `(${written.join(", ")})` : ""}${directive}${isAbstractType(type) && !isUnionType(type) ? below.replace("{", "{ __typename") : below}`;
  }

  #value(type) {
    const inner = getNullableType(type);
    if (isListType(inner)) return [];
    if (isEnumType(inner)) return inner.getValues()[0].name;
    return { Int: 1, Float: 1.5, Boolean: true, ID: "1", String: "a" }[inner.name];
  }
}

const literal = (type, value) => (Array.isArray(value) ? `[${value.map((item) => literal(getNullableType(type).ofType, item)).join(", ")}]` : isEnumType(getNamedType(type)) ? value : JSON.stringify(value));

/** CollectFields of the specification. */
const collect = (document, type, set, into = new Map()) => {
  for (const selection of set.selections) {
    const says = Object.fromEntries((selection.directives ?? []).map((directive) => [directive.name.value, directive.arguments[0].value.value]));
    if (says.skip === true || says.include === false) continue;
    if (selection.kind === "Field") {
      const key = (selection.alias ?? selection.name).value;
      into.set(key, [...(into.get(key) ?? []), selection]);
      continue;
    }
    const fragment = selection.kind === "InlineFragment" ? selection : document.definitions.find((definition) => definition.kind === "FragmentDefinition" && definition.name.value === selection.name.value);
    const on = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
    if (!on || on === type || (isAbstractType(on) && schema.isSubType(on, type))) collect(document, type, fragment.selectionSet, into);
  }
  return into;
};

const checkObject = (document, type, sets, value, path, wrong) => {
  const fields = new Map();
  sets.forEach((set) => collect(document, type, set, fields));
  if ([...fields.keys()].join() !== Object.keys(value).join()) wrong.push(`${path}: keys ${Object.keys(value)} instead of ${[...fields.keys()]}`);
  for (const [key, nodes] of fields) {
    const name = nodes[0].name.value;
    if (name === "__typename") { if (value[key] !== type.name) wrong.push(`${path}.${key}: ${value[key]} is ${type.name}`); }
    else if (key in value) checkValue(document, type.getFields()[name].type, nodes, value[key], `${path}.${key}`, wrong);
  }
};

const checkValue = (document, type, nodes, value, path, wrong) => {
  if (isNonNullType(type) && value === null) { wrong.push(`${path}: null where none may be`); return; }
  const inner = getNullableType(type);
  if (value === null) return;
  if (isListType(inner)) {
    if (!Array.isArray(value)) wrong.push(`${path}: no list`);
    else value.forEach((item, at) => checkValue(document, inner.ofType, nodes, item, `${path}.${at}`, wrong));
  } else if (isLeafType(inner)) {
    const is = typeof value;
    const fits = isEnumType(inner) ? inner.getValues().some(({ name }) => name === value) : ({ Int: Number.isInteger(value), Float: is === "number", String: is === "string", ID: is === "string", Boolean: is === "boolean" }[inner.name] ?? true);
    if (!fits) wrong.push(`${path}: ${JSON.stringify(value)} is no ${inner}`);
  } else {
    checkObject(document, isAbstractType(inner) ? schema.getType(value.__typename) : inner, nodes.map(({ selectionSet }) => selectionSet), value, path, wrong);
  }
};

/** An error points at what is null, or at what became null with what it is in. */
const pointsAtNull = (data, path) => {
  let value = data;
  for (const key of path) {
    if (value === null) return true;
    if (value === undefined || !(key in value)) return false;
    value = value[key];
  }
  return value === null;
};

test("random valid documents are answered in the shape that they ask for", async () => {
  const wrong = [];
  let valid = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const text = new Writer((round * 2_654_435_761) >>> 0).document();
    const document = parse(text);
    // What overlaps is another test's.
    if (validate(schema, document).length) continue;
    const answer = await ask(text);
    const code = answer.errors?.[0]?.extensions?.code;
    if (code === "DOCUMENT_TOO_LARGE") continue;
    valid += 1;
    const found = [];
    if (answer.data) checkObject(document, schema.getQueryType(), [document.definitions[0].selectionSet], answer.data, "", found);
    else if (!answer.errors?.some(({ path }) => path?.length)) found.push(`refused: ${JSON.stringify(answer.errors)}`);
    for (const { path } of answer.errors ?? []) if (path && !pointsAtNull(answer.data, path)) found.push(`the error at ${path} points at something`);
    if (found.length) wrong.push({ round, text: text.slice(0, 300), found: found.slice(0, 3) });
  }
  deepEqual(wrong, []);
  console.log(`semantics: ${valid} documents of ${ROUNDS}`);
  ok(valid > ROUNDS / 2, `only ${valid} documents were valid`);
});
