/**
 * Text of servers, files and users, made safe to show.
 *
 * A terminal obeys what it is sent: escape sequences move the cursor, rename the window or enter text for the user. Characters
 * that reorder or hide others make a line read as something else. All of these are removed.
 */

/** Control characters, line breaks and tabs. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/gu

/** Whether a text has control characters, line breaks or tabs. */
export const hasControls = (text: string): boolean => text.search(controls) !== -1

/** Characters without a shape: those that reorder others (bidi controls), that hide, or that are invisible. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/** A text that shows as it reads: a control character becomes a space, an invisible character is left out. */
export const safe = (text: string): string =>
  // Half a surrogate pair must not find its other half where a character between them is left out
  text.toWellFormed().replaceAll(invisible, "").replaceAll(controls, " ")

/** As `safe`, but the line breaks stay. */
export const safeLines = (text: string): string => text.split("\n").map(safe).join("\n")

/** A safe text as a part of a line: a run of blanks becomes one space. */
export const oneLine = (text: string): string => safe(text).replaceAll(/\s+/gu, " ").trim()

/** A message of the command, which begins with the command's name. */
export const ofCommand = (text: string): string => `effect-sso: ${oneLine(text)}`

/** JSON in which the unsafe characters are escapes: the value stays the same for a program that reads it. */
export const safeJson = (value: unknown): string =>
  // What is unsafe stands in strings alone, but for the line breaks between members
  JSON.stringify(value, null, 2).replaceAll(
    /[^\n\P{Cc}]|[\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu,
    escaped
  )

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => String.raw`\u${unit.toString(16).padStart(4, "0")}`)
    .join("")
