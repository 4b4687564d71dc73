/** What others say, made a part of a line. */

/** A text of a server or a file without what would break the line or command the terminal. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim()

/** A line of the command to the person, which begins with its name. */
export const ofCommand = (text: string): string => `effect-sso: ${oneLine(text)}`
