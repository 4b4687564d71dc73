/** The name of the file in which all AWS tools keep the token of a session: by the session's name or its start URL. */
import { createHash } from "node:crypto"

export const tokenFile = (key: string): string => `${createHash("sha1").update(key).digest("hex")}.json`
