/** Hosts that are this machine. */

/**
 * Whether a host is always this machine.
 *
 * **Details**
 *
 * Names below `localhost` are not, since outside browsers a name server can resolve them to another address (RFC 6761
 * §6.3 only advises against it).
 *
 * - `hostname`: the host as the URL parser writes it, which normalizes IP addresses
 */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
