// The addresses of the console. Whatever a list is narrowed to stands in the address, so that it can be sent to somebody.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { CustomerPage, type CustomerTab } from "./pages/customer";
import { CustomersPage } from "./pages/customers";
import { HomePage } from "./pages/home";
import { ReviewPage } from "./pages/review";
import { SignInPage } from "./pages/signin";
import { SourcePage } from "./pages/source";
import { SourcesPage } from "./pages/sources";
import { Missing, Shell } from "./shell";

type Raw = Record<string, unknown>;
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
/** Only what is there: an empty word in the address says nothing. */
const kept = <K extends string>(raw: Raw, ...names: K[]): Partial<Record<K, string>> =>
  Object.fromEntries(names.flatMap((name) => (text(raw[name]) ? [[name, text(raw[name])]] : []))) as Partial<Record<K, string>>;

const TABS: readonly CustomerTab[] = ["timeline", "records", "values", "together", "changes"];
const FACETS = ["band", "source", "department", "kind", "who", "only", "order", "since"] as const;

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing });
const signin = createRoute({ getParentRoute: () => root, path: "/signin", component: SignInPage, validateSearch: (raw: Raw) => kept(raw, "to", "problem") });
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const home = createRoute({ getParentRoute: () => shell, path: "/", component: HomePage });
const customers = createRoute({ getParentRoute: () => shell, path: "/customers", component: CustomersPage, validateSearch: (raw: Raw) => kept(raw, "name", "source") });
const customer = createRoute({
  getParentRoute: () => shell, path: "/customers/$id", component: CustomerPage,
  validateSearch: (raw: Raw): { tab?: CustomerTab; at?: string; by?: string } => {
    const tab = TABS.find((known) => known === raw["tab"]);
    return { ...(tab ? { tab } : {}), ...kept(raw, "at", "by") };
  },
});
const sources = createRoute({ getParentRoute: () => shell, path: "/sources", component: SourcesPage });
const source = createRoute({ getParentRoute: () => shell, path: "/sources/$key", component: SourcePage, validateSearch: (raw: Raw) => kept(raw, "code", "run") });
const review = createRoute({ getParentRoute: () => shell, path: "/review", component: ReviewPage, validateSearch: (raw: Raw) => kept(raw, "pair", "after", "before", ...FACETS) });
// What is not needed for the first page comes when it is opened.
const many = createRoute({ getParentRoute: () => shell, path: "/review/many", component: lazyRouteComponent(() => import("./pages/review-many")), validateSearch: (raw: Raw) => kept(raw, "decision", ...FACETS) });
const blind = createRoute({ getParentRoute: () => shell, path: "/review/blind", component: lazyRouteComponent(() => import("./pages/review-blind")) });
const explain = createRoute({ getParentRoute: () => shell, path: "/explain", component: lazyRouteComponent(() => import("./pages/explain")), validateSearch: (raw: Raw) => kept(raw, "a", "b") });
const past = createRoute({ getParentRoute: () => shell, path: "/history", component: lazyRouteComponent(() => import("./pages/history")), validateSearch: (raw: Raw) => kept(raw, "what", "after", "before") });
const figures = createRoute({ getParentRoute: () => shell, path: "/figures", component: lazyRouteComponent(() => import("./pages/figures")) });
const map = createRoute({ getParentRoute: () => shell, path: "/data-map", component: lazyRouteComponent(() => import("./pages/data-map")), validateSearch: (raw: Raw) => kept(raw, "type") });
const settings = createRoute({ getParentRoute: () => shell, path: "/settings", component: lazyRouteComponent(() => import("./pages/settings")) });

const tree = root.addChildren([signin, shell.addChildren([home, customers, customer, sources, source, review, many, blind, explain, past, figures, map, settings])]);

export const makeRouter = () => createRouter({
  routeTree: tree,
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const words = new URLSearchParams(Object.entries(search as Raw).flatMap(([name, value]) => (text(value) ? [[name, String(value)]] : [])));
    return words.size > 0 ? `?${words}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register { router: ReturnType<typeof makeRouter> }
}
