import type { RunNews } from "../scheduler/mod.ts";
import type { RunUpdate } from "./denizen_node.ts";

/** News of a run as listeners get them; `at` is the instant of what has none of its own. */
export function toUpdate(news: RunNews, at: number): RunUpdate {
  const { runId } = news;
  if (news.type === "event") {
    const { event } = news;
    const named = event as { task?: string; index?: number };
    return { runId, at: event.at, type: "event", taskId: taskId(named.task, named.index), event };
  }
  const { task, index, ...rest } = news;
  return { ...rest, at, taskId: taskId(task, index) };
}

/** A listener's fault is its own: it reaches neither the journal nor a cell, nor other listeners. */
export function tellAll(listeners: Set<(update: RunUpdate) => void>, update: RunUpdate): void {
  for (const listener of listeners) {
    try {
      listener(update);
    } catch (error) {
      console.error("A listener of the node failed and is not called again:", error);
      listeners.delete(listener);
    }
  }
}

function taskId(task: string | undefined, index: number | undefined): string | undefined {
  return index === undefined ? task : `${task}[${index}]`;
}
