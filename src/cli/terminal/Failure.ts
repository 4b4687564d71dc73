/**
 * How a command can fail.
 */
import type * as ConfigFile from "../../config/ConfigFile.ts"
import type * as RoleCredentials from "../../provider/RoleCredentials.ts"
import type { ModelledException } from "../../operation/Operation.ts"
import type { ClientError } from "../../wire/ClientError.ts"
import type { LoginFailed } from "../../session/LoginFailed.ts"
import type { SessionError } from "../../session/SessionError.ts"
import type { FormatImpossible } from "../commands/CredentialFormat.ts"
import type { EmulatorDataFailure, EmulatorFailure } from "../commands/EmulatorFailure.ts"
import type { CommandNotStarted } from "../commands/Passthrough.ts"
import type { SignInNeeded } from "../commands/StatusCommand.ts"
import type { ConfigureFailure } from "../configure/ConfigureFailure.ts"
import type { OutputNotWritten } from "./Stdout.ts"

/** How the library fails: `Advice` says what to do. */
type LibraryFailure =
  | ClientError
  | ConfigFile.Failure
  | ModelledException
  | LoginFailed
  | RoleCredentials.CredentialsError
  | SessionError

/** How the command itself fails: the messages say what to do. */
type CommandFailure =
  | CommandNotStarted
  | ConfigureFailure
  | EmulatorDataFailure
  | EmulatorFailure
  | FormatImpossible
  | OutputNotWritten
  | SignInNeeded

/** Any of them. */
export type Failure = LibraryFailure | CommandFailure
