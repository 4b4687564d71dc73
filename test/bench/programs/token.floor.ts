/** Prints the cached token, with the least that it takes. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

const directory = join(homedir(), ".aws")
const [, session = ""] = /^sso_session = (.*)$/m.exec(readFileSync(join(directory, "config"), "utf8")) ?? []
const file = `${createHash("sha1").update(session).digest("hex")}.json`
const { accessToken, expiresAt } = JSON.parse(readFileSync(join(directory, "sso/cache", file), "utf8"))
if (Date.parse(expiresAt) > Date.now()) console.log(JSON.stringify({ accessToken }))
