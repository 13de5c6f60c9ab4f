/** The same, until the signal is given: then it throws the signal's reason. */
export async function* guarded<T>(
  items: AsyncIterable<T>,
  signal?: AbortSignal,
): AsyncIterable<T> {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
}
