/**
 * What others say, made a part of a line.
 *
 * @since 0.1.0
 */

/**
 * A text of a server or a file without what would break the line or command the terminal.
 *
 * @category formatting
 * @since 0.1.0
 */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim()
