/** Prints the cached credentials of a role, with the least that it takes. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

const directory = join(homedir(), ".aws")
const [, sessionName = ""] = /^sso_session = (.*)$/m.exec(readFileSync(join(directory, "config"), "utf8")) ?? []
const key = JSON.stringify({ accountId: "111122223333", roleName: "Reader", sessionName })
const file = `${createHash("sha1").update(key).digest("hex")}.json`
const { Credentials } = JSON.parse(readFileSync(join(directory, "cli/cache", file), "utf8"))
if (Date.parse(Credentials.Expiration) > Date.now()) console.log(JSON.stringify({ Version: 1, ...Credentials }))
