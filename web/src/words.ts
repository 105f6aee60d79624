// Values and codes of the hub as people read them.

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minute = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const number = new Intl.NumberFormat("en-GB");

export const dayText = (at: string) => day.format(new Date(at));
export const timeText = (at: string) => minute.format(new Date(at));
export const count = (n: number) => number.format(n);
export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export const ago = (at: string, now = Date.now()): string => {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
};

export const lasted = (from: string, to: string): string => {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

export const money = (value: { amount: string; currency: string } | null | undefined): string => {
  if (!value) return "";
  try {
    // The amount stays text: a number would round what a ledger does not.
    const format = new Intl.NumberFormat("en-GB", { style: "currency", currency: value.currency });
    return format.format(value.amount as `${number}`);
  } catch {
    return `${value.amount} ${value.currency}`;
  }
};

/** `SAME_LOCAL_PART` and `givenName` as words. */
export const plain = (code: string): string => {
  if (code === "EMAIL") return "E-mail";
  const text = code.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Why a customer was found: `name`, or `similar name` where it is not what was typed. */
export const foundBy = ({ match, matchedOn }: { match: string; matchedOn: string }) => (match === "SIMILAR" ? `similar ${matchedOn}` : matchedOn);

const FIELDS: Record<string, string> = { displayName: "Name", email: "E-mail", EMAIL: "E-mail", emails: "E-mail addresses", url: "Address of a page" };
export const fieldName = (path: string) => FIELDS[path] ?? plain(path);

const RULES: Record<string, string> = {
  MOST_RECENT: "newest value", VERIFIED: "verified", MOST_FREQUENT: "said by most records", MOST_COMPLETE: "most complete",
  SOURCE_PRIORITY: "its source comes first", ONLY_VALUE: "the only value", PINNED: "held fast by a steward",
};
export const ruleText = (rule: string) => RULES[rule] ?? plain(rule).toLowerCase();

const LEVELS: Record<string, string> = {
  EXACT: "the same", NEAR: "a typing error apart", NICKNAME: "a nickname", SAME_LOCAL_PART: "the same before the @",
  SAME_DOMAIN: "the same domain", MISSING: "not on both sides", RELATED: "what a household or a group shares", DIFFERENT: "differs",
  SWAPPED: "the same crosswise", SHARED_MAILBOX: "one office mailbox", POST_CODE: "the same post code", AREA: "the same post code, another street",
  CANONICAL: "another form of the same", LOCALITY: "only the same town", SAME_YEAR: "only the same year",
};
export const levelText = (level: string) => LEVELS[level] ?? plain(level).toLowerCase();

const REASONS: Record<string, string> = {
  NO_POLICY: "no policy permits it", OTHER_DEPARTMENT: "shown only where your department's own source says it",
  POLICY_FORBIDS: "a policy forbids it", POLICY_MASKS: "a policy shows a part of it",
};
export const reasonText = (reason: string) => REASONS[reason] ?? plain(reason).toLowerCase();

/** Never "100 %": nothing here is certain. */
export const percent = (probability: number): string =>
  probability > 0.999 ? "> 99.9 %" : `${(probability * 100).toFixed(probability >= 0.995 ? 1 : 0)} %`;

export const band = (probability: number): string =>
  probability >= 0.99 ? "almost certain" : probability >= 0.8 ? "likely" : probability >= 0.4 ? "unsure" : "unlikely";

export const signed = (weight: number) => {
  const text = Math.abs(weight).toFixed(1);
  return text === "0.0" ? text : `${weight < 0 ? "−" : "+"}${text}`;
};

export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return "no value";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  const { lines, postalCode, locality, region, country } = value as Record<string, unknown>;
  // Where a part is withheld, an address may come without its lines.
  if (Array.isArray(lines) || "locality" in value) return addressText({ lines: Array.isArray(lines) ? lines.map(String) : [], postalCode, locality, region, country });
  return Object.values(value).filter((part) => part !== null).map(valueText).join(", ");
};

export const addressText = (at: { lines: string[]; postalCode?: unknown; locality?: unknown; region?: unknown; country?: unknown }): string => {
  const town = [at.postalCode, at.locality].filter(Boolean).join(" ");
  return [...at.lines, town, at.region, at.country].filter(Boolean).join(", ");
};
