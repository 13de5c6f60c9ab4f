import { api } from "./client.ts";
import { ApiError } from "./problem.ts";
import type { Me } from "./documents.ts";
import { session } from "./session_state.ts";

/** Asks the node who is signed in. */
export async function loadSession(): Promise<void> {
  try {
    session.value = await api.get<Me>("/auth/me");
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    session.value = null;
  }
}

/** Signs in with the token of a one-time link. */
export async function signInWithToken(token: string): Promise<void> {
  await api.post("/auth/sign-in", { token });
  await loadSession();
}

/** Signs in with an API key. It is sent once and not kept in the browser. */
export async function signInWithKey(apiKey: string): Promise<void> {
  await api.post("/auth/session", { apiKey });
  await loadSession();
}

export async function signOut(): Promise<void> {
  await api.post("/auth/sign-out");
  session.value = null;
}
