/** Which of the official tools are installed, and recent enough. */
import { spawnSync } from "node:child_process"

const lacks = (least: Readonly<Record<string, number>>, command: string, ...args: ReadonlyArray<string>): boolean => {
  const { stdout } = spawnSync(command, args, { encoding: "utf8" })
  const [, major = "", minor] = /^\D*(\d+)\.(\d+)/.exec(stdout ?? "") ?? []
  return !(Number(minor) >= (least[major] ?? 0))
}

/** Those of before July 2023 do not know `AWS_ENDPOINT_URL_SSO_OIDC`. */
export const lacksBotocore = lacks({ "1": 31 }, "python3", "-c", "import botocore.tokens; print(botocore.__version__)")

export const lacksAwsCli = lacks({ "1": 29, "2": 13 }, "aws", "--version")
