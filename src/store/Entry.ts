/**
 * What a store holds, and how each entry is identified.
 */
import * as Data from "effect/Data"
import type { SsoSession } from "../session/SsoSession.ts"
import type { Role } from "./CredentialCache.ts"
import type { ClientUse } from "./TokenCache.ts"

/**
 * An entry of a store.
 *
 * @category models
 * @since 0.2.0
 */
export type Entry = Data.TaggedEnum<{
  /** The token of a session. */
  readonly Token: { readonly session: SsoSession }
  /** The client that was registered for a session. All principals share it. */
  readonly Registration: { readonly session: SsoSession; readonly use: ClientUse }
  /** The credentials of a role. */
  readonly Credentials: { readonly session: SsoSession; readonly role: Role }
  /** The roles of a session whose credentials are stored, in stores that cannot list their entries. */
  readonly CredentialIndex: { readonly session: SsoSession }
  /** When a token, or the credentials of a role, were last refreshed or obtained, by any process. */
  readonly Attempt: { readonly session: SsoSession; readonly role?: Role }
}>

/**
 * Constructors for `Entry`.
 *
 * @category constructors
 * @since 0.2.0
 */
export const Entry = Data.taggedEnum<Entry>()

/** All that distinguishes an entry from others, as one text. */
export const identityOf: (entry: Entry) => string = Entry.$match({
  Token: ({ session }) => identity("token", ...sessionOf(session), session.principal),
  Registration: ({ session, use: { endpoint, grantTypes, redirectUris } }) =>
    identity(
      "registration",
      endpoint,
      ...sessionOf(session),
      session.scopes.toSorted(),
      grantTypes.toSorted(),
      redirectUris?.toSorted()
    ),
  Credentials: ({ role: { accountId, roleName }, session }) =>
    identity("credentials", ...sessionOf(session), session.principal, accountId, roleName),
  CredentialIndex: ({ session }) => identity("credential-index", ...sessionOf(session), session.principal),
  Attempt: ({ role, session }) =>
    identity("attempt", ...sessionOf(session), session.principal, role?.accountId, role?.roleName)
})

/** The text whose SHA-1 is the name of the file, as in the AWS CLI wherever it has such a file. */
export const fileTitleOf = (entry: Entry): string => {
  switch (entry._tag) {
    case "Token":
      return ofPrincipal(entry.session, entry.session.name ?? entry.session.startUrl)
    case "Credentials":
      return ofPrincipal(entry.session, credentialTitle(entry.session, entry.role))
    default:
      return identityOf(entry)
  }
}

const identity = (...parts: ReadonlyArray<string | ReadonlyArray<string> | undefined>): string =>
  JSON.stringify(["effect-aws-sso", ...parts])

const sessionOf = ({ name, region, startUrl }: SsoSession) => [name, startUrl, region]

// The AWS CLI knows no principals: its files belong to sessions without one
const ofPrincipal = ({ principal }: SsoSession, title: string): string =>
  principal === undefined ? title : identity(principal, title)

// Exactly the JSON that botocore hashes: sorted members, no spaces, ASCII only
const credentialTitle = (session: SsoSession, { accountId, roleName }: Role): string =>
  JSON.stringify({
    accountId,
    roleName,
    ...(session.name === undefined ? { startUrl: session.startUrl } : { sessionName: session.name })
  }).replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
