// Signing in: with the company's provider where one is configured, or with a token.
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { hasProvider, openSession } from "../session";

const route = getRouteApi("/signin");

/** Only a path of this host: whoever sends a link must not choose where it ends. */
const ownPath = (to: string | undefined) => (to && /^\/(?![/\\])/.test(to) ? to : "/");

export const SignInPage = () => {
  const { to, problem } = route.useSearch();
  const router = useRouter();
  const [provider, setProvider] = useState(false);
  const [failure, setFailure] = useState(problem);
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.title = "Sign in · Onefold"; void hasProvider().then(setProvider); }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    const refused = await openSession(String(new FormData(event.currentTarget).get("token") ?? ""));
    setBusy(false);
    if (refused) setFailure(refused);
    else router.history.replace(ownPath(to));
  };

  return (
    <main className="alone">
      <div className="card signin">
        <h1><svg aria-hidden viewBox="0 0 16 16" width="24" height="24"><path d="M2 3h12L8 14z" fill="currentColor" /></svg> Sign in to Onefold</h1>
        {failure ? <p role="alert" className="note bad">{failure}</p> : null}
        {provider ? <><a className="button main" href={`/auth/login?return=${encodeURIComponent(ownPath(to))}`}>Log in with your company</a><p className="or">or</p></> : null}
        <form onSubmit={(event) => void submit(event)}>
          <label htmlFor="token">Token</label>
          <input id="token" name="token" type="password" required autoComplete="current-password" autoFocus spellCheck={false} />
          <p className="hint">The operator gives you one with <code>onefold token</code>; <code>onefold demo</code> prints some. It is kept by no script: it is exchanged for a session that ends with it.</p>
          <button type="submit" className="button main" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
        </form>
      </div>
    </main>
  );
};
