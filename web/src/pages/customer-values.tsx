// Everything that some record says: addresses, numbers, identifiers, and what the consents amount to.
import type { ReactNode } from "react";
import { Badge, type Tone } from "../ui/parts";
import { addressText, plain, plural } from "../words";
import type { CustomerQuery } from "../gql/graphql";
import type { Customer } from "./customer";

const Group = ({ title, head, rows }: { title: string; head: string[]; rows: ReactNode[][] }) => (
  <section>
    <h2>{title}</h2>
    {rows.length === 0 ? <p className="empty">None that you may see.</p> : (
      <table className="stack">
        <thead><tr>{head.map((text) => <th key={text}>{text}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column} data-of={head[column]}>{cell}</td>)}</tr>)}</tbody>
      </table>
    )}
  </section>
);

const tone = (status: string): Tone => (status === "GRANTED" ? "good" : status === "PENDING" ? "warn" : "bad");
const by = (said: { source?: { title: string } | null } | null | undefined) => said?.source?.title ?? "not shown to you";

type Consents = NonNullable<NonNullable<CustomerQuery["customer"]>["effectiveConsents"]>;

/** Without consents where a time is asked about: they are not kept by time. */
export const AllValues = ({ customer, consents }: { customer: Customer; consents?: Consents }) => (
  <div className="values">
    <Group title="E-mail addresses" head={["Address", "As the source has it", "Source"]}
      rows={customer.emails.map((one) => [<bdi>{one.address ?? "does not read"}</bdi>, <bdi>{one.original}</bdi>, by(one.sourceRecord)])} />
    <Group title="Telephone numbers" head={["Number", "As the source has it", "Source"]}
      rows={customer.phones.map((one) => [<bdi>{one.e164 ?? "does not read"}</bdi>, <bdi>{one.original}</bdi>, by(one.sourceRecord)])} />
    <Group title="Postal addresses" head={["Address", "For", "Source"]}
      rows={customer.addresses.map((one) => [<bdi>{addressText(one)}</bdi>, one.purpose ? plain(one.purpose) : "", by(one.sourceRecord)])} />
    <Group title="Identifiers" head={["System", "Identifier", "Source"]}
      rows={customer.identifiers.map((one) => [one.system, <code>{one.value}</code>, by(one.sourceRecord)])} />
    {consents ? <Group title="What the consents amount to" head={["Purpose", "Channel", "Status", "Statements"]}
      rows={consents.map((one) => [plain(one.purpose), plain(one.channel), <Badge tone={tone(one.status)}>{plain(one.status)}</Badge>, plural(one.statements, "statement")])} /> : <section><h2>What the consents amount to</h2><p className="note">Consents are not kept by time: what they amount to is shown today only.</p></section>}
    <Group title="Ids" head={["Every id that leads here"]} rows={[customer.id, ...customer.alternateIds].map((id) => [<code>{id}</code>])} />
  </div>
);
