/** The part of the Web Locks API that is used here; Deno has it, its type library does not. */
interface Locks {
  request(name: string, hold: () => Promise<void> | void): Promise<unknown>;
}

/** Locks of this process, shared by its threads. A thread that ends gives its locks up. */
export const locks: Locks = (navigator as Navigator & { locks: Locks }).locks;
