/** `kubecode policy`. */
import type { Command } from "commander";
import type { PolicyCommand } from "../../cli/policy.ts";
import { InputError } from "../../errors.ts";
import { inherit, settingsOf } from "../flags.ts";
import type { Choose } from "../task.ts";

/** Adds the command. */
export function definePolicy(program: Command, choose: Choose): void {
  const chosen = (command: PolicyCommand) =>
    choose({ kind: "policy", settings: settingsOf(program), command });
  const policy = program.command("policy").summary("say what is allowed, and by which rule")
    .description("Say what is allowed, and by which rule.")
    .copyInheritedSettings(program).helpCommand(false);
  const check = inherit(policy, "check <VERB> <RESOURCE> [NAME]", "say what would be decided")
    .option("--tool <TOOL>", "the tool that asks", "evaluate_script")
    .option("--as <USER>", "the user of a shared server who asks")
    .option(
      "--as-group <GROUP>",
      "a group of that user; may be repeated",
      (group: string, others: string[]) => [...others, group],
      [],
    )
    .description(
      `Say what would be decided about a request, and by which rule.

RESOURCE is a plural name, with its group and subresource if any: pods, pods/log, deployments.apps/scale. Without -n, a list covers all namespaces. The verbs bind and escalate ask about roles that hand on rights. Exit codes: 0 allowed, 1 refused or to be approved.

  kubecode policy check delete deployments.apps web -n shop`,
    );
  check.action((verb: string, resource: string, name: string | undefined) => {
    const { as: user, asGroup: groups } = check.opts() as { as?: string; asGroup: string[] };
    if (user === undefined && groups.length > 0) {
      throw new InputError("Cannot use --as-group without --as");
    }
    chosen({
      kind: "check",
      verb,
      resource,
      ...(name === undefined ? {} : { name }),
      tool: (check.opts() as { tool: string }).tool,
      ...(user === undefined ? {} : { user }),
      groups,
    });
  });
  inherit(policy, "show [PROFILE]", "print the rules in force, or those of a profile")
    .action((profile: string | undefined) =>
      chosen({ kind: "show", ...(profile === undefined ? {} : { profile }) })
    );
}
