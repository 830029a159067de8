/**
 * Secrets of the story that stand for what real clusters keep in them: a certificate of the shop and
 * two releases of Helm. None of them protects anything.
 */
import { gzipSync } from "node:zlib";
import type { KubeObject } from "../../kube/types.ts";
import { type Chapter, manifest } from "./manifests.ts";

/** DER, base64: self-signed, for shop.demo.kubecode.dev, good until the year 2036. Its key is gone. */
const CERTIFICATE =
  "MIIBpTCCAUugAwIBAgIBATAKBggqhkjOPQQDAjA5MRYwFAYDVQQKDA1rdWJlY29kZSBkZW1vMR8wHQYDVQQDDBZz" +
  "aG9wLmRlbW8ua3ViZWNvZGUuZGV2MB4XDTI2MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFowOTEWMBQGA1UECgwN" +
  "a3ViZWNvZGUgZGVtbzEfMB0GA1UEAwwWc2hvcC5kZW1vLmt1YmVjb2RlLmRldjBZMBMGByqGSM49AgEGCCqGSM49" +
  "AwEHA0IABEmNpcSoubWE37pbYepUrHMq3TDWpghNtmvNab16Jz5poNfi80MbKWAoagHi+kZty83Mc8iIX0yRB9jh" +
  "MtmWnamjRDBCMCEGA1UdEQQaMBiCFnNob3AuZGVtby5rdWJlY29kZS5kZXYwHQYDVR0OBBYEFP/wmRbxxBdTRAlT" +
  "oRSS0/eyqjeVMAoGCCqGSM49BAMCA0gAMEUCIQCSKslPabClgzcBbT0fMTDsnbITrHWipAz6T+LbLKWmRgIgUptu" +
  "y1S4cjwi6GlSumv+vlXcqt/VZluwcxfbUriqQMk=";

/** The Secret that the shop's ingress serves HTTPS with. */
export const shopCertificate: KubeObject = manifest("Secret", "v1", "shop/shop-tls", {
  type: "kubernetes.io/tls",
  data: {
    "tls.crt": btoa(
      `-----BEGIN CERTIFICATE-----\n${CERTIFICATE}\n-----END CERTIFICATE-----\n`,
    ),
    "tls.key": btoa("demo-not-a-key"),
  },
});

/** The releases of Grafana, from the first to the one that is deployed. */
const GRAFANA = [
  { hours: 24 * 30, status: "superseded", chart: "8.6.0", app: "11.3.0" },
  { hours: 24 * 12, status: "deployed", chart: "8.8.2", app: "11.4.0" },
] as const;

/** Chapters with the Secrets in which Helm keeps the releases of Grafana. */
export function grafanaReleases(now: Date): readonly Chapter[] {
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
  return GRAFANA.map(({ hours, status, chart, app }, at) => {
    const version = at + 1;
    const release = {
      name: "grafana",
      namespace: "platform",
      version,
      info: {
        first_deployed: ago(GRAFANA[0].hours),
        last_deployed: ago(hours),
        deleted: "",
        status,
        description: version === 1 ? "Install complete" : "Upgrade complete",
      },
      chart: {
        metadata: { apiVersion: "v2", name: "grafana", version: chart, appVersion: app },
        templates: [],
        values: {},
      },
      manifest: "",
    };
    // Compressed, in a base64 of Helm's own inside that of the Secret.
    const kept = gzipSync(JSON.stringify(release)).toString("base64");
    const name = `platform/sh.helm.release.v1.grafana.v${version}`;
    const labels = { name: "grafana", owner: "helm", status, version: String(version) };
    const data = { release: btoa(kept) };
    return [hours, [manifest("Secret", "v1", name, { type: "helm.sh/release.v1", data }, labels)]];
  });
}
