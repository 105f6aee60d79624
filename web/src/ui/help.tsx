// Which keys there are, as they are set.
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { ACTIONS, ALL_ACTIONS, useKept } from "./keys";

export const Help = ({ close }: { close: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const { keys } = useKept();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} className="palette help" aria-labelledby="help-title" onClose={close} onClick={(event) => { if (event.target === dialog.current) close(); }}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {ALL_ACTIONS.map((action) => <div key={action}><dt><kbd>{keys[action].toUpperCase()}</kbd></dt><dd>{ACTIONS[action][1]}</dd></div>)}
        <div><dt><kbd>1</kbd>–<kbd>9</kbd></dt><dd>Prefer the other value after merging</dd></div>
        <div><dt><kbd>Ctrl K</kbd></dt><dd>Search</dd></div>
      </dl>
      <p className="row"><button type="button" className="button" onClick={close}>Close</button> <Link to="/settings" onClick={close}>Other keys, or none</Link></p>
    </dialog>
  );
};
