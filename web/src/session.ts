// Signing in and out. A token is handed over for a cookie that no script can read, and is kept nowhere.

export const openSession = async (token: string): Promise<string | undefined> => {
  try {
    const answer = await fetch("/auth/session", { method: "POST", headers: { authorization: `Bearer ${token.trim()}` } });
    if (answer.ok) return undefined;
    const body = (await answer.json()) as { errors?: { message: string }[] };
    return body.errors?.[0]?.message ?? "The hub did not take the token.";
  } catch {
    return "The hub does not answer, or the token holds characters that none has. Check both and try again.";
  }
};

export const closeSession = async (): Promise<void> => {
  await fetch("/auth/logout", { method: "POST", redirect: "manual" });
  // A full load: nothing that was read stays in memory.
  location.assign("/signin");
};

export const hasProvider = async (): Promise<boolean> => {
  try {
    const answer = await fetch("/auth/session");
    return answer.ok && ((await answer.json()) as { login?: boolean }).login === true;
  } catch {
    return false;
  }
};

/** The token of a link like /#token=…; it is taken out of the address at once. */
export const linkToken = (): string | null => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
};
