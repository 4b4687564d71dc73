/**
 * The texts whose SHA-1 are the names of files, as in the AWS CLI wherever it has such a file. Pure, and without imports:
 * the fast path of the command finds the same files.
 */

/** What of a session is in a title. */
interface TitledSession {
  readonly name?: string | undefined
  readonly startUrl: string
  readonly principal?: string | undefined
}

/** The title of the token of a session. */
export const ofToken = (session: TitledSession): string => ofPrincipal(session, session.name ?? session.startUrl)

/** The title of the credentials of a role. */
export const ofCredentials = (
  session: TitledSession,
  { accountId, roleName }: { readonly accountId: string; readonly roleName: string }
): string =>
  ofPrincipal(
    session,
    // Exactly the JSON that botocore hashes: sorted members, no spaces, ASCII only
    JSON.stringify({
      accountId,
      roleName,
      ...(session.name === undefined ? { startUrl: session.startUrl } : { sessionName: session.name })
    }).replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  )

/** A text that no other tool uses. */
export const identity = (...parts: ReadonlyArray<string | ReadonlyArray<string> | undefined>): string =>
  JSON.stringify(["effect-aws-sso", ...parts])

// The AWS CLI knows no principals: its files belong to sessions without one
const ofPrincipal = ({ principal }: TitledSession, title: string): string =>
  principal === undefined ? title : identity(principal, title)
