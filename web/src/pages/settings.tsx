// The keys, each of which can be another one or none (WCAG 2.1.4), and the theme. Kept in this browser.
import { useState } from "react";
import { ACTIONS, ALL_ACTIONS, keepKeys, useKept, type Action } from "../ui/keys";
import { Page } from "../ui/parts";
import { applyTheme, storedTheme, type Theme } from "../theme";

const THEMES: [Theme, string][] = [["system", "as the system has it"], ["light", "light"], ["dark", "dark"]];

const Keys = () => {
  const kept = useKept();
  const [problem, setProblem] = useState<string>();
  const set = (action: Action, text: string) => {
    const key = [...text.trim().toLowerCase()].at(-1);
    if (!key) return;
    const other = ALL_ACTIONS.find((one) => one !== action && kept.keys[one] === key);
    if (other) { setProblem(`“${key}” already is “${ACTIONS[other][1]}”. Give that one another key first.`); return; }
    if (/[1-9]/.test(key)) { setProblem("Digits choose values while a pair is shown. Take a letter or a sign."); return; }
    setProblem(undefined);
    keepKeys({ ...kept, keys: { ...kept.keys, [action]: key } });
  };
  return (
    <section className="card" aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <p><label className="tick"><input type="checkbox" checked={!kept.isOff} onChange={(event) => keepKeys({ ...kept, isOff: !event.target.checked })} /> Single keys act. <small>Turn them off where you speak to the computer, or press keys by accident. Ctrl K always searches.</small></label></p>
      {problem ? <p role="alert" className="note bad">{problem}</p> : null}
      <table className="keys">
        <thead><tr><th>What it does</th><th>Key</th></tr></thead>
        <tbody>
          {ALL_ACTIONS.map((action) => (
            <tr key={action}>
              <td><label htmlFor={`key-${action}`}>{ACTIONS[action][1]}</label></td>
              <td><input id={`key-${action}`} className="key" disabled={kept.isOff} autoComplete="off" spellCheck={false} value={kept.keys[action].toUpperCase()} onChange={(event) => set(action, event.target.value)} onFocus={(event) => event.currentTarget.select()} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" className="button" onClick={() => { keepKeys(undefined); setProblem(undefined); }}>As they were at first</button>
    </section>
  );
};

export default function SettingsPage() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Page title="Settings" lead="Kept in this browser, for you alone">
      <section className="card" aria-labelledby="theme">
        <h2 id="theme">Theme</h2>
        <div className="row" role="radiogroup" aria-labelledby="theme">
          {THEMES.map(([value, text]) => <label key={value} className="tick"><input type="radio" name="theme" value={value} checked={theme === value} onChange={() => { applyTheme(value); setTheme(value); }} /> {text}</label>)}
        </div>
      </section>
      <Keys />
    </Page>
  );
}
