/**
 * What a store holds, and how each entry is identified.
 */
import * as Data from "effect/Data"
import type { SsoSession } from "../session/SsoSession.ts"
import type { Role } from "./CredentialCache.ts"
import * as FileTitle from "./FileTitle.ts"
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
  Token: ({ session }) => FileTitle.identity("token", ...sessionOf(session), session.principal),
  Registration: ({ session, use: { endpoint, grantTypes, redirectUris } }) =>
    FileTitle.identity(
      "registration",
      endpoint,
      ...sessionOf(session),
      session.scopes.toSorted(),
      grantTypes.toSorted(),
      redirectUris?.toSorted()
    ),
  Credentials: ({ role: { accountId, roleName }, session }) =>
    FileTitle.identity("credentials", ...sessionOf(session), session.principal, accountId, roleName),
  CredentialIndex: ({ session }) => FileTitle.identity("credential-index", ...sessionOf(session), session.principal),
  Attempt: ({ role, session }) =>
    FileTitle.identity("attempt", ...sessionOf(session), session.principal, role?.accountId, role?.roleName)
})

/** The text whose SHA-1 is the name of the file, as in the AWS CLI wherever it has such a file. */
export const fileTitleOf = (entry: Entry): string => {
  switch (entry._tag) {
    case "Token":
      return FileTitle.ofToken(entry.session)
    case "Credentials":
      return FileTitle.ofCredentials(entry.session, entry.role)
    case "Attempt":
      return entry.role === undefined
        ? FileTitle.ofToken(entry.session)
        : FileTitle.ofCredentials(entry.session, entry.role)
    default:
      return identityOf(entry)
  }
}

const sessionOf = ({ name, region, startUrl }: SsoSession) => [name, startUrl, region]
