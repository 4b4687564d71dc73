/** Where the token of a session is stored, computed without the library. */
import { createHash } from "node:crypto"

/** The name of the file in `~/.aws/sso/cache`, by the session's name or its start URL. */
export const tokenFile = (key: string): string => `${createHash("sha1").update(key).digest("hex")}.json`

/** The key in Redis without its prefix. */
export const tokenKey = (session: {
  readonly name: string
  readonly startUrl: string
  readonly region: string
}): string => {
  const identity = JSON.stringify(["effect-aws-sso", "token", session.name, session.startUrl, session.region, null])
  return `token/{${createHash("sha256").update(identity).digest("hex")}}`
}
