/** How Kubernetes' protobuf is told from other bodies. */

/** The media type. */
export const PROTOBUF_MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

/** Before each object: `k8s`, and how what follows is encoded. */
export const PROTOBUF_PREFIX = [0x6b, 0x38, 0x73, 0x00] as const;
