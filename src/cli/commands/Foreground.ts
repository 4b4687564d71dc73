/**
 * Finds out whether a terminal sends its signals to this process: it sends them to the process group in the foreground.
 */
import { closeSync, openSync, readFileSync } from "node:fs"

/**
 * Whether Ctrl-C on the terminal reaches this process and the processes that it has started.
 *
 * **Details**
 *
 * Linux reports the group in the foreground. Elsewhere, a process with a terminal counts as in the foreground.
 */
export const isForeground = (): boolean => foregroundOnLinux() ?? hasTerminal()

// proc(5): the fifth field is the group of the process, the eighth the group in the foreground; the name before can hold anything
const foregroundOnLinux = (): boolean | undefined => {
  const stat = readOrNothing("/proc/self/stat")
  const [, , group, , , foreground] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? []
  return group === undefined || foreground === undefined ? undefined : group === foreground
}

const readOrNothing = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

const hasTerminal = (): boolean => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}
