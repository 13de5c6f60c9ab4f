/** How checkers name a plain task, an item or a contender. */
export function keyOf(event: { task: string; index?: number }): string {
  return event.index === undefined ? event.task : `${event.task}[${event.index}]`;
}
