/** Step: the formula of the Homebrew tap, made from the checksums. Leaves `homebrew/kubecode.rb`. */
import { CHECKSUMS, readChecksums } from "./checksums.ts";
import { COMPLETIONS, MANUAL } from "./parts/documents.ts";
import { archiveName, assetUrl, isPrerelease, PROJECT, TARGETS } from "./parts/project.ts";
import { output, perform, type Release, runStep } from "./parts/step.ts";

/** What stands for the checksum of an archive that a dry run has not built. */
const UNKNOWN = "0".repeat(64);

/** Writes the formula, and pushes it to the tap. */
export async function homebrew(release: Release): Promise<void> {
  const list = await Deno.readTextFile(`${release.folder}/${CHECKSUMS}`);
  const folder = `${release.folder}/homebrew`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${PROJECT.name}.rb`;
  await Deno.writeTextFile(path, formula(release.version, hashes(release, list)));
  release.log(`Wrote ${path}`);
  if (isPrerelease(release.version)) release.log("A prerelease does not go to the tap");
  else await push(release, path);
}

/** The checksums of the archives by target. */
function hashes(release: Release, list: string): ReadonlyMap<string, string> {
  const sums = readChecksums(list);
  return new Map(TARGETS.map((target) => {
    const file = archiveName(target, release.version);
    const hash = sums.get(file);
    if (hash === undefined && !release.dryRun) {
      throw new Error(`Cannot make the formula: ${CHECKSUMS} has no ${file}`);
    }
    return [target.name, hash ?? UNKNOWN];
  }));
}

/** The formula's text, in the order that `brew style` asks for. */
function formula(version: string, hashes: ReadonlyMap<string, string>): string {
  const download = (os: string, arch: string) => {
    const target = TARGETS.find((target) => target.os === os && target.arch === arch);
    if (target === undefined) throw new Error(`Cannot make the formula: no ${os}-${arch}`);
    return `      url "${assetUrl(archiveName(target, version), version)}"
      sha256 "${hashes.get(target.name)}"`;
  };
  return `class Kubecode < Formula
  desc "MCP server for Kubernetes with a code mode"
  homepage "${PROJECT.repository}"
  version "${version}"
  license "${PROJECT.license}"

  on_macos do
    on_arm do
${download("darwin", "arm64")}
    end
    on_intel do
${download("darwin", "amd64")}
    end
  end

  on_linux do
    on_arm do
${download("linux", "arm64")}
    end
    on_intel do
${download("linux", "amd64")}
    end
  end

  def install
    bin.install "${PROJECT.name}"
    bin.install_symlink "${PROJECT.name}" => "kubectl-${PROJECT.plugin}"
    bin.install "${COMPLETIONS.kubectl}"
    bash_completion.install "${COMPLETIONS.bash}" => "${PROJECT.name}"
    zsh_completion.install "${COMPLETIONS.zsh}"
    fish_completion.install "${COMPLETIONS.fish}"
    man1.install "${MANUAL}"
  end

  def caveats
    <<~EOS
      To connect Claude Code:
        claude mcp add kubecode -- #{opt_bin}/kubecode
      As a plugin of kubectl it is: kubectl ${PROJECT.plugin}
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubecode --version")
    script = 'k8s.coreV1().pods("shop").list().items.length > 0'
    assert_equal "true", shell_output("#{bin}/kubecode eval --demo -e '#{script}'").strip
  end
end
`;
}

/** Commits the formula to the tap, by the token in HOMEBREW_TAP_TOKEN, which git reads by itself. */
async function push(release: Release, path: string): Promise<void> {
  const clone = `${release.folder}/homebrew/tap`;
  const helper = '!f() { echo username=x-access-token; echo "password=$HOMEBREW_TAP_TOKEN"; }; f';
  const git = (...args: string[]) =>
    perform(release, "git", ["-c", `credential.helper=${helper}`, ...args]);
  if (!release.dryRun && !Deno.env.get("HOMEBREW_TAP_TOKEN")) {
    release.log("HOMEBREW_TAP_TOKEN is not set: the formula is left to be pushed by hand");
    return;
  }
  await git("clone", "--depth", "1", `https://github.com/${PROJECT.tap}.git`, clone);
  if (!release.dryRun) {
    await Deno.mkdir(`${clone}/Formula`, { recursive: true });
    await Deno.copyFile(path, `${clone}/Formula/${PROJECT.name}.rb`);
    if (await output("git", ["-C", clone, "status", "--porcelain"]) === "") return;
  }
  const author = ["-c", "user.name=github-actions[bot]"];
  const mail = "41898282+github-actions[bot]@users.noreply.github.com";
  await git("-C", clone, "add", "Formula");
  await git(
    ...["-C", clone, ...author, "-c", `user.email=${mail}`],
    ...["commit", "-m", `${PROJECT.name} ${release.version}`],
  );
  await git("-C", clone, "push");
}

if (import.meta.main) await runStep(homebrew);
