/**
 * Prints the credentials that the AWS SDK for JavaScript finds for a profile: `credentials.mjs PROFILE`. Where files and
 * service are, the environment says, as to any program.
 */
import { STSClient } from "@aws-sdk/client-sts"

const client = new STSClient({ profile: process.argv[2], region: "us-east-1" })
const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials()
console.log(JSON.stringify({ accessKeyId, secretAccessKey, sessionToken }))
