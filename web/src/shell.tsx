// Around every page: where one can go, the search, the theme, and who is signed in.
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { ChartColumn, Database, History, House, ListChecks, LogOut, Monitor, Moon, Search, Settings, Sun, Terminal, Users } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { ViewerQuery } from "./documents";
import { Palette } from "./palette";
import { closeSession } from "./session";
import { applyTheme, storedTheme, type Theme } from "./theme";
import { Help } from "./ui/help";
import { useActions } from "./ui/keys";
import { Page } from "./ui/parts";

const PLACES = [
  { to: "/", text: "Home", Icon: House },
  { to: "/review", text: "Review", Icon: ListChecks },
  { to: "/customers", text: "Customers", Icon: Users },
  { to: "/sources", text: "Sources", Icon: Database },
  { to: "/history", text: "History", Icon: History },
  { to: "/figures", text: "Figures", Icon: ChartColumn },
] as const;

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };

const ThemeButton = () => {
  const [theme, setTheme] = useState(storedTheme);
  const Icon = ICONS[theme];
  const change = () => { applyTheme(NEXT[theme]); setTheme(NEXT[theme]); };
  return <button type="button" className="icon" onClick={change} aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}><Icon aria-hidden size={17} /></button>;
};

export const Shell = () => {
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  useActions({ search: () => setSearching(true), help: () => setHelping(true) });
  const [viewer] = useQuery({ query: ViewerQuery });
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        setSearching(true);
      }
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  // Whoever works with the keyboard or listens goes on at the top of the page that they asked for.
  useEffect(() => {
    const heading = main.current?.querySelector("h1")?.textContent ?? PLACES.find((place) => place.to === path)?.text;
    // On a telephone the places are a row that scrolls.
    document.querySelector(".side [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.title = heading ? `${heading} · Onefold` : "Onefold";
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path]);

  const who = viewer.data?.viewer;
  return (
    <div className="shell">
      <a className="skip" href="#main">Skip to the page</a>
      <nav className="side" aria-label="Console">
        <Link to="/" className="brand" tabIndex={-1} aria-hidden><svg viewBox="0 0 16 16" width="20" height="20"><path d="M2 3h12L8 14z" fill="currentColor" /></svg> Onefold</Link>
        {PLACES.map(({ to, text, Icon }) => (
          <Link key={to} to={to} activeOptions={{ exact: to === "/", includeSearch: false }} activeProps={{ "aria-current": "page" }}><Icon aria-hidden size={17} /> {text}</Link>
        ))}
        <a href="/graphql"><Terminal aria-hidden size={17} /> API explorer</a>
        <Link to="/settings" className="last" activeProps={{ "aria-current": "page" }}><Settings aria-hidden size={17} /> Settings</Link>
      </nav>
      <div className="body">
        <header className="top">
          <button type="button" className="find" onClick={() => setSearching(true)}><Search aria-hidden size={16} /> <span>Search customers, invoices, tickets…</span> <kbd>Ctrl K</kbd></button>
          <div className="who">
            {who ? <span title={[...who.departments, ...who.roles].join(", ")}>{who.subject}</span> : null}
            <ThemeButton />
            <button type="button" className="icon" onClick={() => void closeSession()} aria-label="Sign out"><LogOut aria-hidden size={17} /></button>
          </div>
        </header>
        <main id="main" ref={main} tabIndex={-1}><Outlet /></main>
      </div>
      {searching ? <Palette close={() => setSearching(false)} /> : null}
      {helping ? <Help close={() => setHelping(false)} /> : null}
    </div>
  );
};

export const Missing = () => (
  <main className="alone"><Page title="Nothing is here"><p>The address is wrong, or it has moved. <Link to="/">Go to the start.</Link></p></Page></main>
);
