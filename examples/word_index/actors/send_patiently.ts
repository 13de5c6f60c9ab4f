import type { ActorContext } from "denizen";

/**
 * Sends, and as long as the receiver is at its limit (`RATE_LIMITED`, `OVERLOADED`) waits the time
 * that it asks for and sends again.
 */
export async function sendPatiently(ctx: ActorContext, send: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const { retryAfterMs } = (error as { details?: { retryAfterMs?: number } }).details ?? {};
      if (retryAfterMs === undefined) throw error;
      await ctx.sleep(retryAfterMs);
    }
  }
}
