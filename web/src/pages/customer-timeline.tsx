// What happened with this customer in every department, latest first.
import { useState } from "react";
import { useQuery } from "urql";
import { TimelineQuery } from "../documents";
import type { TimelineQuery as TimelineData } from "../gql/graphql";
import { Badge, Empty, Failed, Waiting, type Tone, type Withheld } from "../ui/parts";
import { count, dayText, fieldName, money, plain, timeText } from "../words";

interface Event { id: string; kind: Kind; at: string | null | undefined; text: string; status?: string | null | undefined; by: string }
type Data = NonNullable<TimelineData["customer"]>;
const KINDS = ["invoices", "payments", "tickets", "campaignTouches", "consents", "interactions", "feedback", "subscriptions"] as const;
type Kind = (typeof KINDS)[number];

const NAMES: Record<Kind, string> = {
  invoices: "Invoices", payments: "Payments", tickets: "Tickets", campaignTouches: "Campaigns", consents: "Consents",
  interactions: "Contacts", feedback: "Feedback", subscriptions: "Subscriptions",
};
const BAD = ["FAILED", "VOID", "UNCOLLECTIBLE", "BOUNCED", "COMPLAINED", "UNSUBSCRIBED", "DENIED", "WITHDRAWN", "UNPAID", "PAST_DUE", "CANCELLED"];
const GOOD = ["PAID", "SUCCEEDED", "SOLVED", "CLOSED", "GRANTED", "CLICKED", "OPENED", "ACTIVE"];
const tone = (status: string): Tone => (BAD.includes(status) ? "bad" : GOOD.includes(status) ? "good" : "plain");
const words = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join(" ");

const events = (of: Data): Event[] => {
  const by = (one: { sourceRecord?: { source?: { title: string } | null } | null }) => one.sourceRecord?.source?.title ?? "";
  const all: Event[] = [
    ...(of.invoices?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "invoices", at: one.issuedAt, status: one.status, by: by(one), text: words("Invoice", one.number, money(one.total)) })),
    ...(of.payments?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "payments", at: one.paidAt, status: one.status, by: by(one), text: words("Payment", money(one.amount), one.method && `by ${one.method}`, one.failureReason && `(${one.failureReason})`) })),
    ...(of.tickets?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "tickets", at: one.openedAt, status: one.status, by: by(one), text: words("Ticket", one.number, one.subject && `“${one.subject}”`) })),
    ...(of.campaignTouches?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "campaignTouches", at: one.at, status: one.result, by: by(one), text: words("Campaign", one.campaign?.name && `“${one.campaign.name}”`, one.channel && `by ${plain(one.channel).toLowerCase()}`) })),
    ...(of.consents?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "consents", at: one.capturedAt, status: one.status, by: by(one), text: words("Consent to", one.purpose && plain(one.purpose).toLowerCase(), one.channel && `by ${plain(one.channel).toLowerCase()}`) })),
    ...(of.interactions?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "interactions", at: one.at, by: by(one), text: words(one.kind && plain(one.kind), one.channel && `by ${plain(one.channel).toLowerCase()}`, one.subject && `“${one.subject}”`) })),
    ...(of.feedback?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "feedback", at: one.at, by: by(one), text: words("Feedback", one.instrument, typeof one.score === "number" ? `${one.score}${one.scoreMax ? ` of ${one.scoreMax}` : ""}` : null) })),
    ...(of.subscriptions?.nodes ?? []).map((one): Event => ({ id: one.id, kind: "subscriptions", at: one.startedAt, status: one.status, by: by(one), text: words("Subscription", one.product, money(one.recurring)) })),
  ];
  return all.sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""));
};

export const Timeline = ({ id, withheld }: { id: string; withheld: readonly Withheld[] }) => {
  const [read] = useQuery({ query: TimelineQuery, variables: { id } });
  const [off, setOff] = useState<ReadonlySet<Kind>>(new Set());
  const customer = read.data?.customer;
  if (read.error && !customer) return <Failed error={read.error} />;
  if (!customer) return <Waiting rows={10} />;
  const all = events(customer);
  const shown = all.filter((event) => !off.has(event.kind));
  const present = KINDS.filter((kind) => (customer[kind]?.totalCount ?? customer[kind]?.nodes.length ?? 0) > 0);
  const hidden = KINDS.filter((kind) => withheld.some((one) => one.path === kind && one.kind === "HIDDEN"));
  const cut = present.filter((kind) => (customer[kind]?.totalCount ?? 0) > (customer[kind]?.nodes.length ?? 0));
  const toggle = (kind: Kind) => setOff((was) => { const next = new Set(was); if (!next.delete(kind)) next.add(kind); return next; });
  return (
    <>
      <div className="chips" role="group" aria-label="Shown in the timeline">
        {present.map((kind) => (
          <button key={kind} type="button" className="chip" aria-pressed={!off.has(kind)} onClick={() => toggle(kind)}>{NAMES[kind]} {count(customer[kind]?.totalCount ?? customer[kind]?.nodes.length ?? 0)}</button>
        ))}
      </div>
      {cut.length > 0 ? <p className="hint">The latest 50 of each kind are shown.</p> : null}
      {hidden.length > 0 ? <p className="hint">Not shown to you: {hidden.map((kind) => fieldName(NAMES[kind]).toLowerCase()).join(", ")}. The list of withheld fields says why.</p> : null}
      {shown.length === 0 ? <Empty>{all.length === 0 ? "Nothing has happened here that you may see." : "Everything is filtered away: press a kind above."}</Empty> : (
        <ol className="timeline">
          {shown.map((event) => (
            <li key={event.id}>
              {event.at ? <time dateTime={event.at} title={timeText(event.at)}>{dayText(event.at)}</time> : <span className="none">no date</span>}
              <span className="what"><bdi>{event.text}</bdi> {event.status ? <Badge tone={tone(event.status)}>{plain(event.status)}</Badge> : null}</span>
              <small>{event.by}</small>
            </li>
          ))}
        </ol>
      )}
    </>
  );
};
