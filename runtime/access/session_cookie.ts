/** What the name of the cookie depends on. */
export interface CookiePlace {
  /** Browsers keep `__Host-` cookies from other hosts, paths and plain HTTP (RFC 6265bis §4.1.3.2). */
  isSecure: boolean;
  /** As the browser names it: cookies are shared between the ports of a host. */
  port: number;
}

/** Where the cookie of a request belongs. */
export function cookiePlaceOf(url: URL): CookiePlace {
  const isSecure = url.protocol === "https:";
  return { isSecure, port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port) };
}

/** `__Host-denizen-443`, or `denizen-7717` without TLS. */
export function cookieName({ isSecure, port }: CookiePlace): string {
  return `${isSecure ? "__Host-" : ""}denizen-${port}`;
}

/** Value of `Set-Cookie`. @param text of the session; `null`: take the cookie away */
export function setCookie(place: CookiePlace, text: string | null): string {
  const flags = `Path=/; HttpOnly; SameSite=Strict${place.isSecure ? "; Secure" : ""}`;
  return `${cookieName(place)}=${text ?? ""}; ${flags}${text === null ? "; Max-Age=0" : ""}`;
}

/** Values of our cookie in a request: several are a sign that somebody planted one. */
export function readCookies(request: Request, place: CookiePlace): string[] {
  const header = request.headers.get("cookie");
  if (header === null) return [];
  const start = `${cookieName(place)}=`;
  return header.split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(start))
    .map((part) => part.slice(start.length));
}
