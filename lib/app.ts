/** The composition: from settings to the parts that all commands run on. */
import type { Settings } from "./config/settings/settings.ts";
import { LOCAL_CALLER } from "./identity/caller.ts";
import { createShared, type Shared, type SharedOptions } from "./shared.ts";
import { createTenant, type Tenant } from "./tenant.ts";

/** The running parts of one tenant, with those that it shares. */
export type App = Shared & Tenant;

/**
 * Makes the parts for whoever started the process. The config file is read at once; other files are
 * read and connections made only when needed.
 *
 * @throws {ConfigError} a config file that cannot be used
 */
export async function createApp(given: Settings, options: SharedOptions = {}): Promise<App> {
  const shared = await createShared(given, options);
  const tenant = createTenant(shared, () => LOCAL_CALLER);
  return {
    ...shared,
    ...tenant,
    async close() {
      await tenant.close();
      await shared.close();
    },
  };
}
