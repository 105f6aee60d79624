// A pair in hand: silently for two minutes, and for two more while it is looked at. Somebody else's is told as such.
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { ClaimMutation, ReleaseMutation } from "../documents";

/** Whoever only passes by takes nothing in hand. */
const DWELL_MS = 300;
const AGAIN_MS = 90_000;

/** The pair that somebody else has in hand, if it is this one. */
export const useClaim = (id: string | undefined, isGone: (id: string) => boolean): { isTaken: boolean } => {
  const client = useClient();
  const [taken, setTaken] = useState<string>();
  useEffect(() => {
    if (!id) return undefined;
    let isHeld = false;
    let isHere = true;
    const claim = async () => {
      const { data } = await client.mutation(ClaimMutation, { id }).toPromise();
      const refused = data?.candidateClaim.userErrors[0]?.code;
      isHeld = data?.candidateClaim.until !== undefined && data.candidateClaim.until !== null;
      if (isHere) setTaken(refused === "CONFLICT" ? id : undefined);
      else if (isHeld && !isGone(id)) void client.mutation(ReleaseMutation, { id }).toPromise();
    };
    const soon = setTimeout(() => void claim(), DWELL_MS);
    const timer = setInterval(() => void claim(), AGAIN_MS);
    return () => {
      isHere = false;
      clearTimeout(soon);
      clearInterval(timer);
      if (isHeld && !isGone(id)) void client.mutation(ReleaseMutation, { id }).toPromise();
    };
  }, [client, id]);
  return { isTaken: id !== undefined && taken === id };
};
