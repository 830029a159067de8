/**
 * Step, on macOS: signs the binaries with the entitlements that V8 needs for the code it generates,
 * and has Apple notarise them. Without the secrets the signature is ad hoc: it runs, and a browser's
 * download is asked about. MACOS_CERTIFICATE (PKCS #12 in base64), MACOS_CERTIFICATE_PASSWORD,
 * APPLE_API_KEY (the .p8 file's text), APPLE_API_KEY_ID and APPLE_API_ISSUER are the secrets.
 */
import { PROJECT } from "./parts/project.ts";
import { binaryPath, builtTargets, perform, type Release, runStep } from "./parts/step.ts";

/** Signs all binaries for macOS. @throws {Error} a tool fails, or only some secrets are there */
export async function signMacos(release: Release): Promise<void> {
  const targets = release.targets.filter(({ os }) => os === "darwin");
  const built = release.dryRun ? targets : await builtTargets({ ...release, targets });
  const withSecrets = hasSecrets();
  if (!withSecrets) release.log("No secrets for signing: the signature is ad hoc");
  const work = await Deno.makeTempDir({ prefix: "kubecode-sign-" });
  const step = (line: string, values: Record<string, string> = {}) =>
    shell(release, line, { WORK: work, ...values });
  try {
    if (withSecrets) { for (const line of IMPORT) await step(line); }
    for (const target of built) {
      const BINARY = binaryPath(release, target);
      await step(withSecrets ? SIGN : SIGN_AD_HOC, { BINARY });
      await step(`codesign --verify --strict --verbose=2 "$BINARY"`, { BINARY });
      if (withSecrets) { for (const line of NOTARISE) await step(line, { BINARY }); }
    }
  } finally {
    if (withSecrets) await step(`security delete-keychain "$WORK/${KEYCHAIN}"`);
    await Deno.remove(work, { recursive: true });
  }
}

const KEYCHAIN = `${PROJECT.name}.keychain-db`;
const ENTITLEMENTS = "--options runtime --entitlements deploy/macos/entitlements.plist";

/** Lines for a shell, so that secrets stand in no list of processes of ours and in no log. */
const IMPORT = [
  'printf %s "$MACOS_CERTIFICATE" | base64 --decode > "$WORK/certificate.p12"',
  `security create-keychain -p "$MACOS_CERTIFICATE_PASSWORD" "$WORK/${KEYCHAIN}"`,
  `security unlock-keychain -p "$MACOS_CERTIFICATE_PASSWORD" "$WORK/${KEYCHAIN}"`,
  `security import "$WORK/certificate.p12" -k "$WORK/${KEYCHAIN}" -f pkcs12 ` +
  '-P "$MACOS_CERTIFICATE_PASSWORD" -T /usr/bin/codesign',
  "security set-key-partition-list -S apple-tool:,apple: -s " +
  `-k "$MACOS_CERTIFICATE_PASSWORD" "$WORK/${KEYCHAIN}" > /dev/null`,
  `security list-keychains -d user -s "$WORK/${KEYCHAIN}" login.keychain-db`,
];

const SIGN = `codesign --force --timestamp ${ENTITLEMENTS} ` +
  `--keychain "$WORK/${KEYCHAIN}" --sign "Developer ID Application" "$BINARY"`;
const SIGN_AD_HOC = `codesign --force ${ENTITLEMENTS} --sign - "$BINARY"`;

/** A ticket cannot be stapled to a bare binary: macOS asks Apple for it at the first start. */
const NOTARISE = [
  'printf %s "$APPLE_API_KEY" > "$WORK/key.p8"',
  'ditto -c -k --keepParent "$BINARY" "$WORK/binary.zip"',
  'xcrun notarytool submit "$WORK/binary.zip" --wait --key "$WORK/key.p8" ' +
  '--key-id "$APPLE_API_KEY_ID" --issuer "$APPLE_API_ISSUER"',
];

const SECRETS = [
  "MACOS_CERTIFICATE",
  "MACOS_CERTIFICATE_PASSWORD",
  "APPLE_API_KEY",
  "APPLE_API_KEY_ID",
  "APPLE_API_ISSUER",
];

function hasSecrets(): boolean {
  const missing = SECRETS.filter((name) => !Deno.env.get(name));
  if (missing.length === 0) return true;
  if (missing.length === SECRETS.length) return false;
  throw new Error(`Cannot sign: of the secrets these are missing: ${missing.join(", ")}`);
}

/** Runs a line of a shell, which is shown with the names of its variables. */
async function shell(
  release: Release,
  line: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  await perform(release, "sh", ["-euc", line], { env: values });
}

if (import.meta.main) await runStep(signMacos);
