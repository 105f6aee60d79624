import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { makeClient, onSignedOut } from "./client";
import { makeRouter } from "./router";
import { linkToken, openSession } from "./session";
import "./style.css";
import { applyTheme } from "./theme";

applyTheme();
const token = linkToken();
const problem = token ? await openSession(token) : undefined;
const router = makeRouter();
onSignedOut(() => {
  const { pathname, searchStr } = router.state.location;
  if (pathname !== "/signin") void router.navigate({ to: "/signin", search: { to: pathname + searchStr }, replace: true });
});
if (problem) await router.navigate({ to: "/signin", search: { problem }, replace: true });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode><Provider value={makeClient()}><RouterProvider router={router} /></Provider></StrictMode>,
  );
}
