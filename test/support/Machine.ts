/**
 * A machine with config files and an environment.
 */
import { ConfigProvider, Effect, FileSystem, Layer, Path, PlatformError } from "effect"

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly config?: string
  readonly credentials?: string
}

/** Why a file cannot be read. */
export const unreadable = (_tag: PlatformError.SystemErrorTag, path: string): PlatformError.PlatformError =>
  PlatformError.systemError({ _tag, module: "FileSystem", method: "readFile", pathOrDescriptor: path })

export const layer = ({
  config,
  credentials,
  env = {}
}: Surroundings): Layer.Layer<FileSystem.FileSystem | Path.Path> => {
  const files = new Map([
    ["/home/me/.aws/config", config],
    ["/home/me/.aws/credentials", credentials]
  ])
  return Layer.mergeAll(
    Path.layer,
    ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOME: "/home/me", ...env } })),
    FileSystem.layerNoop({
      readFile: (path) => {
        const text = files.get(path)
        return text === undefined
          ? Effect.fail(unreadable("NotFound", path))
          : Effect.succeed(new TextEncoder().encode(text))
      }
    })
  )
}
