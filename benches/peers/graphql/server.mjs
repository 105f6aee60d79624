// The README's query answered by Mercurius with its JIT, DataLoader and node-postgres, over the tables of an Onefold store.
//
// It does less than Onefold and so errs in the peer's favour: no rights and no restrictions, no tokens, one exact search
// term, and of several values the first record's wins. Prints its port; ends with its standard input.
import DataLoader from "dataloader";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.argv[2], max: 16 });
// Named, so that each connection prepares a statement once.
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const schema = `
  type Query { search(text: String!, first: Int): [Hit!]! }
  type Hit { matchedOn: String! customer: Customer! }
  type Customer {
    id: ID! displayName: String email: String phone: String recordCount: Int! sourceRecords: Records!
    invoices(first: Int): Invoices tickets(first: Int): Tickets campaignTouches(first: Int): Touches
    provenance(paths: [String!]): [Provenance!]! restrictions: [Restriction!]!
  }
  type Records { totalCount: Int! nodes: [Record!]! } type Record { source: Source! }
  type Invoices { totalCount: Int! nodes: [Invoice!]! } type Tickets { totalCount: Int! nodes: [Ticket!]! }
  type Touches { totalCount: Int! nodes: [Touch!]! }
  type Invoice { number: String status: String total: Money }
  type Money { amount: String! currency: String! }
  type Ticket { number: String status: String subject: String }
  type Touch { result: String campaign: Campaign } type Campaign { name: String }
  type Source { key: String! department: String! }
  type Provenance { path: String! rule: String! source: Source! alternatives: [Alternative!]! }
  type Alternative { value: String source: Source! lostBecause: String! }
  type Restriction { path: String! kind: String! reason: String! }
`;

const grouped = (ids, found, key) => {
  const groups = new Map(ids.map((id) => [id, []]));
  for (const row of found) groups.get(row[key]).push(row);
  return ids.map((id) => groups.get(id));
};

const latest = (kind) => new DataLoader(async (ids) =>
  grouped(ids, await rows(kind, `
    select wanted.id as customer_id, found.parent_id, found.total, v.mapped
    from unnest($1::uuid[]) as wanted(id)
    cross join lateral (
      select a.record_id, a.parent_id, count(*) over () as total
      from link l join activity a on a.party_id = l.record_id
      where l.customer_id = wanted.id and a.kind = '${kind}' and not a.deleted
      order by a.occurred_at desc nulls last, a.record_id desc limit 1
    ) found
    join record r on r.record_id = found.record_id
    join record_version v on v.record_id = r.record_id and v.version = r.version`, [ids]), "customer_id")
    .map((list) => ({
      totalCount: Number(list[0]?.total ?? 0),
      nodes: list.map((row) => ({ ...JSON.parse(row.mapped), parent: row.parent_id })),
    })));

const loaders = () => ({
  members: new DataLoader(async (ids) =>
    grouped(ids, await rows("members", `
      select l.customer_id, s.key, s.department, v.mapped
      from link l
      join record r on r.record_id = l.record_id
      join record_version v on v.record_id = r.record_id and v.version = r.version
      join source s on s.source_id = r.source_id
      where l.customer_id = any($1) order by r.first_seen_at, r.record_id`, [ids]), "customer_id")
      .map((list) => list.map((row) => ({ source: row, party: JSON.parse(row.mapped) })))),
  invoice: latest("invoice"),
  ticket: latest("ticket"),
  touch: latest("campaign_touch"),
  campaign: new DataLoader(async (ids) => {
    const found = await rows("campaign", `
      select r.record_id, v.mapped from record r
      join record_version v on v.record_id = r.record_id and v.version = r.version
      where r.record_id = any($1)`, [ids]);
    const byId = new Map(found.map((row) => [row.record_id, JSON.parse(row.mapped)]));
    return ids.map((id) => byId.get(id) ?? null);
  }),
});

const values = {
  displayName: (party) => party.displayName,
  email: (party) => party.emails?.[0]?.address,
  phone: (party) => party.phones?.[0]?.e164,
};
const said = async (customer, path, context) => {
  const members = await context.load.members.load(customer.customer_id);
  return members.map(({ source, party }) => ({ source, value: values[path](party) })).filter(({ value }) => value != null);
};
const golden = (path) => async (customer, _, context) => (await said(customer, path, context))[0]?.value;
const list = (loader) => (customer, _, context) => context.load[loader].load(customer.customer_id);

const resolvers = {
  Query: {
    search: async (_, { text, first }) => {
      const found = await rows("search", `
        select t.path, c.customer_id, c.record_count
        from term t join link l on l.record_id = t.record_id join customer c on c.customer_id = l.customer_id
        where t.term = $1 limit 100`, [text]);
      const once = [...new Map(found.map((row) => [row.customer_id, row])).values()];
      return once.slice(0, first ?? 20).map((row) => ({ matchedOn: row.path, customer: row }));
    },
  },
  Customer: {
    id: (customer) => customer.customer_id,
    recordCount: (customer) => Number(customer.record_count),
    displayName: golden("displayName"),
    email: golden("email"),
    phone: golden("phone"),
    sourceRecords: async (customer, _, context) => {
      const nodes = await context.load.members.load(customer.customer_id);
      return { totalCount: nodes.length, nodes };
    },
    invoices: list("invoice"),
    tickets: list("ticket"),
    campaignTouches: list("touch"),
    provenance: (customer, { paths }, context) => Promise.all(paths.map(async (path) => {
      const [won, ...lost] = await said(customer, path, context);
      return { path, rule: "FIRST", source: won?.source, alternatives: lost.map((one) => ({ ...one, lostBecause: "later" })) };
    })).then((all) => all.filter((one) => one.source)),
    restrictions: () => [],
  },
  Touch: { campaign: (touch, _, context) => touch.parent && context.load.campaign.load(touch.parent) },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, context: () => ({ load: loaders() }), jit: 1 });
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(app.server.address().port);
process.stdin.resume().on("end", () => process.exit(0));
