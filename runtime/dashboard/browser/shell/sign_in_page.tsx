import { useEffect, useState } from "preact/hooks";
import { type Problem, signInWithKey, signInWithToken, toProblem } from "../api/mod.ts";
import { navigate, place } from "../navigation/mod.ts";
import { Mark } from "./mark.tsx";
import { Button, Field, ProblemNotice } from "../parts/mod.ts";

/**
 * Signs in: with the token of a one-time link, or with a pasted API key.
 *
 * @param props `token`: of the link, when the page was opened by one
 */
export function SignInPage({ token }: { token: string | null }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(token !== null);

  useEffect(() => {
    document.title = "Sign in · Denizen";
    if (token === null) return;
    // Off the address bar and out of the history first: it is good for one use only.
    navigate("/", { isReplacing: true });
    signInWithToken(token).catch((error) => {
      setProblem(toProblem(error));
      setIsBusy(false);
    });
  }, []);

  if (isBusy) {
    return (
      <main class="sign-in">
        <p role="status">Signing in…</p>
      </main>
    );
  }
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <h1 class="row">
          <Mark />
          Sign in to Denizen
        </h1>
        {problem !== null && <ProblemNotice problem={problem} />}
        <KeyForm onProblem={setProblem} />
        <p class="muted small">
          Without a key: <code>deno task denizen open</code>{" "}
          on the machine of the node opens this page signed in.
        </p>
      </div>
    </main>
  );
}

function KeyForm({ onProblem }: { onProblem: (problem: Problem | null) => void }) {
  const [apiKey, setApiKey] = useState("");

  async function submit(): Promise<void> {
    onProblem(null);
    try {
      await signInWithKey(apiKey.trim());
      if (place.peek().path.startsWith("/sign-in")) navigate("/", { isReplacing: true });
    } catch (error) {
      onProblem(toProblem(error));
    }
  }

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label="API key" hint="It begins with dnz_ and is not kept in the browser">
        {(control) => (
          <input
            {...control}
            class="input mono"
            type="password"
            autocomplete="off"
            required
            value={apiKey}
            onInput={(event) => setApiKey(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button kind="primary" type="submit">Sign in</Button>
    </form>
  );
}
