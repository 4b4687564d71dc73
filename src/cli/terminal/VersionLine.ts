/**
 * What `--version` prints.
 */
import { version } from "../../wire/PackageVersion.ts"

export const versionLine = `effect-sso v${version}`
