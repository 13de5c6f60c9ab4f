import { z } from "zod";
import { InvalidInputError } from "../../core/errors.ts";
import { BODY_LIMITS, refuseDeepJson } from "../http/exchange/mod.ts";

const id = z.string().min(1).max(64);
const runId = z.string().min(1).max(64);
const reason = z.string().max(1_000).optional();

const commandSchema = z.discriminatedUnion("command", [
  z.strictObject({ id, type: z.literal("command"), command: z.literal("cancel"), runId, reason }),
  z.strictObject({
    id,
    type: z.literal("command"),
    command: z.enum(["pause", "resume", "retry"]),
    runId,
  }),
  z.strictObject({
    id,
    type: z.literal("command"),
    command: z.literal("signal"),
    runId,
    name: z.string().min(1).max(256),
    payload: z.json().optional(),
    signalId: z.string().min(1).max(256).optional(),
  }),
  z.strictObject({
    id,
    type: z.literal("command"),
    command: z.literal("cancelTask"),
    runId,
    taskId: z.string().min(1).max(256),
    reason,
  }),
]);

const messageSchema = z.union([
  z.strictObject({
    id,
    type: z.literal("subscribe"),
    runId: runId.optional(),
    lastEventId: z.string().min(1).max(64).optional(),
  }),
  z.strictObject({ id, type: z.literal("unsubscribe"), subscription: z.string().max(64) }),
  z.strictObject({ type: z.literal("ping") }),
  commandSchema,
]);

/** What a client may send over a socket. */
export type SocketMessage = z.infer<typeof messageSchema>;

/** A wish for a run, as it comes over a socket. */
export type SocketCommand = z.infer<typeof commandSchema>;

/** Forms of the messages, for who gets them wrong. */
const FORMS =
  'Send {"id","type":"subscribe","runId"?,"lastEventId"?}, {"id","type":"unsubscribe","subscription"}, ' +
  '{"id","type":"command","command","runId",…} or {"type":"ping"}';

/**
 * Reads a message.
 *
 * @throws {InvalidInputError} `SOCKET_MESSAGE_WRONG`
 * @throws {HttpError} `BODY_TOO_DEEP`, as for the body of a request
 */
export function readSocketMessage(text: string): SocketMessage {
  refuseDeepJson(text, BODY_LIMITS.depthMax);
  const parsed = messageSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw refused(parsed.error.issues[0]?.message ?? "it has another form");
}

/** The id of a message that could not be read, so that its sender knows which it was. */
export function idOfMessage(text: string): string | null {
  try {
    return z.object({ id }).parse(JSON.parse(text)).id;
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused("it is no JSON");
  }
}

function refused(why: string): InvalidInputError {
  return new InvalidInputError("SOCKET_MESSAGE_WRONG", {
    message: `Cannot take the message: ${why}`,
    hint: FORMS,
  });
}
