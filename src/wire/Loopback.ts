/** Hosts that are this machine. */

/**
 * Whether a host can be no other machine than this one.
 *
 * **Details**
 *
 * - `hostname`: the host as the URL parser writes it, with every spelling of an IP address in its normal form
 *
 * Names below `localhost` are left out: outside browsers, a name server may answer for them (RFC 6761 §6.3 is advice).
 */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
