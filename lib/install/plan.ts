/** What an installation, or its undoing, does to one client's configuration; and doing it. */
import {
  addEntry,
  entryAlone,
  removeEntry,
  showEntry,
  type Target,
  type TextChange,
} from "./change.ts";
import { backupPath, dropBackup, keepBackup, readBackup } from "./backups.ts";
import { type Entry, shownEntry } from "./entry.ts";
import { type ConfigFile, readConfig, removeConfig, writeConfig } from "./files.ts";
import type { ClientFile } from "./find.ts";
import type { Folders } from "./folders.ts";

/** What is to be done to one file. */
export interface Plan extends ClientFile {
  readonly file: ConfigFile;
  readonly target: Target;
  readonly change: TextChange;
}

/** Plans to add an entry. @throws {ConfigFault} it cannot be done: saying why */
export async function planInstall(
  chosen: ClientFile,
  target: Target,
  wanted: Entry,
): Promise<Plan> {
  const file = await readConfig(chosen.path, chosen.project);
  return { ...chosen, file, target, change: addEntry(file.text, target, wanted) };
}

/** Plans to take the entry out. @throws {ConfigFault} it cannot be done: saying why */
export async function planUninstall(chosen: ClientFile, target: Target): Promise<Plan> {
  const file = await readConfig(chosen.path, chosen.project);
  return { ...chosen, file, target, change: removeEntry(file.text, target) };
}

/**
 * Carries out a plan that adds an entry.
 *
 * @returns the path of the backup, where there was something to keep
 * @throws {ConfigFault} nothing was changed: saying why
 */
export async function install(
  { file, change }: Plan,
  folders: Folders,
): Promise<string | undefined> {
  if (change.kind === "none") return undefined;
  const backup = backupPath(folders, file.path);
  // One that has kubecode already has been kept as it was before.
  const keeps = file.bytes !== undefined && (change.before === undefined || change.foreign);
  if (file.bytes === undefined) await dropBackup(backup);
  if (keeps) await keepBackup(backup, file.bytes);
  await writeConfig(file, change.text);
  return keeps ? backup : undefined;
}

/** Carries out a plan that takes the entry out. @throws {ConfigFault} nothing was changed */
export async function uninstall(
  { file, target, change }: Plan,
  folders: Folders,
): Promise<void> {
  if (change.kind === "none") return;
  const backup = backupPath(folders, file.path);
  const original = await readBackup(backup);
  const before = change.before ?? {};
  if (original === undefined && file.text === entryAlone(target, before)) {
    // It was made for the entry.
    await removeConfig(file);
    return;
  }
  await writeConfig(file, isUntouched(file, target, original, before) ? original : change.text);
  await dropBackup(backup);
}

/** Whether nothing but the entry was added since the backup: then all of it can come back. */
function isUntouched(
  file: ConfigFile,
  target: Target,
  original: string | undefined,
  entry: Entry,
): original is string {
  if (original === undefined) return false;
  try {
    const again = addEntry(original, { ...target, force: true }, entry);
    return again.kind === "change" && again.text === file.text;
  } catch {
    return false;
  }
}

/**
 * The change for a person, as a unified diff of the entry. Nothing else in the file is touched, and
 * nothing else is shown: it may hold the tokens of other servers. Values of variables are left out.
 */
export function diffOf({ file, target, change }: Plan): string[] {
  if (change.kind === "none") return [];
  const lines = (entry: Entry | undefined, foreign = false) =>
    entry === undefined ? [] : showEntry(target, shownEntry(entry, { foreign }));
  const [before, after] = [lines(change.before, change.foreign), lines(change.after)];
  const same = before.length > 0 && after.length > 0 ? commonStart(before, after) : 0;
  return [
    // What is changed really, whatever links lead there.
    `--- ${file.bytes === undefined ? "(no file)" : file.path}`,
    `+++ ${file.path}`,
    `@@ ${target.key} @@`,
    ...before.slice(0, same).map((line) => ` ${line}`),
    ...before.slice(same).map((line) => `-${line}`),
    ...after.slice(same).map((line) => `+${line}`),
  ];
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}
