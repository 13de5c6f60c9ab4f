/** A URL without its password: what messages, logs and hints show. Also of one that is no URL. */
export function hidePassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/?#]*):.*@/, "$1@");
}
