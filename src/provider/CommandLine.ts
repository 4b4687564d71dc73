/**
 * Commands in messages, as a user can paste them into a POSIX shell.
 */

/** A word in single quotes, between which a POSIX shell reads every character as it is. */
export const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** A word in quotes if it needs them. */
export const word = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : quote(text))

/** A command with its arguments. */
export const commandLine = (words: ReadonlyArray<string>): string => words.map(word).join(" ")
