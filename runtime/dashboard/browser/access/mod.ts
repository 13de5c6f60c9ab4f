/**
 * Signing in.
 *
 * @module
 */
export { SignInPage } from "./sign_in_page.tsx";
