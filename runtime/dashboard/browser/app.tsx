import { useEffect, useState } from "preact/hooks";
import { loadSession, type Problem, session, toProblem } from "./api/mod.ts";
import { href, matchPath, place } from "./navigation/mod.ts";
import { Empty, Page, ProblemNotice } from "./parts/mod.ts";
import { Shell, SignInPage } from "./shell/mod.ts";
import { findRoute } from "./routes.tsx";

/** The dashboard: the sign-in page until somebody is signed in, then the page of the address. */
export function App() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [token, setToken] = useState(readToken);
  const load = () => loadSession().then(() => setProblem(null), (e) => setProblem(toProblem(e)));
  useEffect(() => {
    // With a link, the sign-in page asks the node; who was signed in before does not matter.
    if (token === null) load();
    else session.value = null;
  }, []);
  useEffect(() => {
    if (session.value) setToken(null);
  }, [session.value]);

  if (problem !== null) {
    return (
      <main class="sign-in">
        <div class="sign-in-card">
          <ProblemNotice problem={problem} onRetry={load} />
        </div>
      </main>
    );
  }
  if (session.value === undefined) return token === null ? null : <SignInPage token={token} />;
  if (session.value === null) return <SignInPage token={token} />;
  return (
    <Shell>
      <RoutedPage path={place.value.path} />
    </Shell>
  );
}

/** The token of a one-time link: `#/sign-in/TOKEN`. */
function readToken(): string | null {
  return matchPath("/sign-in/:token", place.peek().path)?.token ?? null;
}

interface Shown {
  // deno-lint-ignore no-explicit-any -- as in the routes
  Component: any;
  params: Record<string, string>;
  path: string;
}

/**
 * Pages that were loaded once are there at once: the page that is left would take the query of the
 * next place for its own, and load what nobody asked for.
 */
const loaded = new Map<unknown, Shown["Component"]>();

/** The page before stays until the next one is loaded: nothing flashes. */
function RoutedPage({ path }: { path: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const found = findRoute(path);
  useEffect(() => {
    if (found === null) return;
    let isCurrent = true;
    found.route.load().then(
      (Component) => {
        if (!isCurrent) return;
        loaded.set(found.route, Component);
        setProblem(null);
        setShown({ Component, params: found.params, path });
      },
      (error) => isCurrent && setProblem(toProblem(error)),
    );
    return () => isCurrent = false;
  }, [path]);

  if (found === null) return <NoSuchPage path={path} />;
  const Known = loaded.get(found.route);
  if (Known !== undefined) return <Known key={path} {...found.params} />;
  if (problem !== null) {
    // After an update of the node, files of the page before are gone.
    return <ProblemNotice problem={problem} onRetry={() => location.reload()} />;
  }
  if (shown === null) return <p class="loading" role="status">Loading…</p>;
  const { Component, params } = shown;
  return <Component key={shown.path} {...params} />;
}

function NoSuchPage({ path }: { path: string }) {
  return (
    <Page title="No such page">
      <Empty title={`There is no page "${path}"`}>
        <p>
          Go to the <a href={href("/")}>overview</a> or press <kbd>Ctrl</kbd> <kbd>K</kbd>.
        </p>
      </Empty>
    </Page>
  );
}
