// The search palette: customers by anything that people know, and the pages of the console.
import { useNavigate } from "@tanstack/react-router";
import { CornerDownLeft, Search } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { SearchQuery } from "./documents";
import { Failed } from "./ui/parts";
import { foundBy, plain } from "./words";

interface Choice { key: string; title: string; detail: string; why?: string; go: () => Promise<void> }

/** So long the hub is not asked while somebody is still typing. */
const PAUSE_MS = 120;

const usePaused = (text: string) => {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
};

const isEnough = (text: string) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2;

export const Palette = ({ close }: { close: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = usePaused(text.trim());
  const [found] = useQuery({ query: SearchQuery, variables: { text: asked }, pause: !isEnough(asked) });

  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);

  const pages = [
    { title: "Home", to: "/" }, { title: "Review", to: "/review" }, { title: "Customers", to: "/customers" }, { title: "Sources", to: "/sources" },
    { title: "Why, why not: any two records", to: "/explain" }, { title: "Judge blind", to: "/review/blind" }, { title: "History", to: "/history" }, { title: "Figures", to: "/figures" }, { title: "Data map", to: "/data-map" }, { title: "Settings", to: "/settings" },
  ] as const;
  const wanted = text.trim().toLowerCase();
  const hits: Choice[] = isEnough(asked) && isEnough(wanted) ? (found.data?.search ?? []).map((hit) => ({
    key: hit.customer.id, title: hit.customer.displayName ?? "Without a name", detail: hit.customer.email ?? plain(hit.customer.__typename ?? ""),
    why: `${foundBy(hit)} “${hit.matchedText}”${hit.sourceRecord?.source ? ` in ${hit.sourceRecord.source.title}` : ""}`,
    go: () => navigate({ to: "/customers/$id", params: { id: hit.customer.id } }),
  })) : [];
  const choices: Choice[] = [
    ...hits,
    ...pages.filter(({ title }) => title.toLowerCase().includes(wanted)).map(({ title, to }) => ({ key: to, title, detail: "Page", go: () => navigate({ to }) })),
  ];
  const chosen = Math.min(at, choices.length - 1);
  const open = (choice: Choice | undefined) => {
    if (!choice) return;
    close();
    void choice.go();
  };
  const isWaiting = isEnough(wanted) && (found.fetching || asked.toLowerCase() !== wanted);

  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && choices.length > 0) {
      event.preventDefault();
      const next = (chosen + step + choices.length) % choices.length;
      setAt(next);
      document.getElementById(`choice-${next}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter" && !event.nativeEvent.isComposing && !isWaiting) {
      event.preventDefault();
      open(choices[chosen]);
    }
  };

  const status = !isEnough(wanted) ? "Type two letters or digits of a name, an e-mail address, a telephone number, or the number of an invoice, a ticket or an account."
    : isWaiting ? "Searching…" : hits.length === 0 ? "No customer that you may see fits." : `${hits.length} found.`;

  return (
    <dialog ref={dialog} className="palette" aria-label="Search" onClose={close} onClick={(event) => { if (event.target === dialog.current) close(); }}>
      <div className="palette-in">
        <Search aria-hidden size={18} />
        <input
          autoFocus type="search" role="combobox" aria-label="Search customers and pages" aria-expanded={choices.length > 0} aria-controls="choices"
          aria-autocomplete="list" autoComplete="off" spellCheck={false} placeholder="Search customers and pages"
          value={text} onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={key}
          {...(choices.length > 0 ? { "aria-activedescendant": `choice-${chosen}` } : {})}
        />
        <kbd>Esc</kbd>
      </div>
      <p role="status" className="palette-status">{status}</p>
      {found.error ? <Failed error={found.error} /> : null}
      <ul id="choices" role="listbox" aria-label="Found" tabIndex={-1}>
        {choices.map((choice, index) => (
          <li key={choice.key} id={`choice-${index}`} role="option" aria-selected={index === chosen} onClick={() => open(choice)} onMouseMove={() => setAt(index)}>
            <span className="choice-title"><bdi>{choice.title}</bdi> <small><bdi>{choice.detail}</bdi></small></span>
            {choice.why ? <small className="why">{choice.why}</small> : null}
            {index === chosen ? <CornerDownLeft aria-hidden size={14} className="enter" /> : null}
          </li>
        ))}
      </ul>
    </dialog>
  );
};
