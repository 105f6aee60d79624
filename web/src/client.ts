// The two ways to the hub, both at /graphql on this host with the session's cookie: POST, and a socket for what is told as it happens.
import { cacheExchange, Client, fetchExchange, mapExchange, subscriptionExchange, type CombinedError, type SubscriptionForwarder } from "urql";

let whenSignedOut = () => {};
export const onSignedOut = (act: () => void) => { whenSignedOut = act; };

const status = (error: CombinedError): number | undefined => (error.response as Response | undefined)?.status;

/** A socket that broke is tried again so often; then whoever listens is told, and asks by POST instead. */
const TRIES = 1;

/** One socket for the whole page: opened with the first subscription, closed after the last. Its client comes when it is needed. */
const makeSocket = () => import("graphql-ws/client").then(({ createClient }) =>
  createClient({ url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`, retryAttempts: TRIES }));
let socket: ReturnType<typeof makeSocket> | undefined;

const overSocket: SubscriptionForwarder = ({ query = "", variables }) => ({
  subscribe: (sink) => {
    let isOver = false;
    let end = () => { isOver = true; };
    socket ??= makeSocket();
    socket.then((client) => {
      if (!isOver) end = client.subscribe({ query, variables: variables as Record<string, unknown> }, { next: (told) => sink.next(told as Parameters<typeof sink.next>[0]), error: (why) => sink.error(why), complete: () => sink.complete() });
    }, (why: unknown) => { socket = undefined; sink.error(why); });
    return { unsubscribe: () => end() };
  },
});

export const makeClient = () =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      mapExchange({ onError: (error) => { if (status(error) === 401) whenSignedOut(); } }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: overSocket }),
    ],
    requestPolicy: "cache-and-network",
  });

/** What went wrong, and what to do, in words. */
export const errorText = (error: CombinedError): string => {
  if (error.networkError && !status(error)) return "The hub does not answer. Check that it runs, then try again.";
  return error.graphQLErrors.map((one) => one.message).join(" ") || `The hub answered with status ${status(error) ?? "unknown"}.`;
};

/** Why a mutation did nothing, in words: what went wrong on the way, or what the hub says of the input. */
export const refusalText = (error: CombinedError | undefined, userErrors: readonly { message: string }[] | undefined): string | undefined =>
  error ? errorText(error) : userErrors?.map((one) => one.message).join(" ") || undefined;
