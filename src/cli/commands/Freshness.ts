/**
 * When the command refreshes before it prints. A process that ends soon cannot refresh in the background, and AWS tools
 * obtain new credentials when less than 15 minutes are left: they would run this command again at once.
 */

/** In milliseconds. */
export const refreshFirst = 15 * 60 * 1000
