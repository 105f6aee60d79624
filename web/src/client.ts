// The one way to the hub: POST /graphql on this host, with the session's cookie.
import { cacheExchange, Client, fetchExchange, mapExchange, type CombinedError } from "urql";

let whenSignedOut = () => {};
export const onSignedOut = (act: () => void) => { whenSignedOut = act; };

const status = (error: CombinedError): number | undefined => (error.response as Response | undefined)?.status;

export const makeClient = () =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      mapExchange({ onError: (error) => { if (status(error) === 401) whenSignedOut(); } }),
      fetchExchange,
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
