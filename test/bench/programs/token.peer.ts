/** Prints the cached token, with the official client. */
import { fromSso } from "@aws-sdk/token-providers"

const { token } = await fromSso()()
console.log(JSON.stringify({ token }))
