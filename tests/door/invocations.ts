/**
 * Invocations of kubectl and helm as their documentation has them, in an order in which each finds what it
 * needs. Each runs in a namespace `NS`; `@` stands for a space within a word, and `~` in front of a line whose
 * output comes in an order of chance.
 */

/** What the folder of a run holds. */
export const FILES: Readonly<Record<string, string>> = {
  "web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
  "changed.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.28", ports: [{containerPort: 80}]}]}
`,
  "config.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: fast, serial: "9007199254740993"}
`,
  "secret.yaml": `
apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {user: alice, password: kestrel-harbour-42}
`,
  "invalid.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: bad}
spec: {replicas: -1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}
`,
  "unknown-field.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: odd}
dataa: {a: b}
`,
  "unknown-kind.yaml": `
apiVersion: example.com/v1
kind: Widget
metadata: {name: odd}
`,
  "kustomization.yaml": `
resources: [config.yaml]
namePrefix: kust-
`,
  "job.yaml": `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}
`,
  "plain.txt": "some text\n",
  "values.yaml": "replicaCount: 2\ngreeting: hello\n",
  "chart/Chart.yaml":
    "apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: '1.0'\ndescription: A shop\n",
  "chart/values.yaml": "replicaCount: 1\ngreeting: hi\npassword: kestrel-harbour-42\n",
  "chart/templates/NOTES.txt": "Greeting: {{ .Values.greeting }}\n",
  "chart/templates/config.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-config", labels: {app: "{{ .Release.Name }}"}}
data: {greeting: "{{ .Values.greeting }}"}
`,
  "chart/templates/secret.yaml": `
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}-secret"}
stringData: {password: "{{ .Values.password }}"}
`,
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}-web"}
spec:
  replicas: {{ .Values.replicaCount }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: web, image: nginx}]}
`,
};

/** kubectl, without the program's name. */
export const KUBECTL_LINES: readonly string[] = [
  "version",
  "version -o json",
  "api-versions",
  "api-resources",
  "api-resources --namespaced=false -o name",
  "api-resources --api-group=apps",
  "explain pods",
  "explain deployment.spec.strategy --recursive",
  "explain cronjobs.spec.schedule --api-version=batch/v1",
  "explain pods.spec.nonsense",
  "auth can-i create pods",
  "auth can-i delete nodes --all-namespaces",
  "auth can-i list pods/log -n NS",
  "auth whoami -o json",
  "get --raw /version",
  "get --raw /readyz",
  "get --raw /api/v1/namespaces/NS",
  "get --raw /apis/apps/v1",
  "get namespace NS",
  "get all",
  "get pods",
  "get nonsense",
  "get pods nothing",
  "get pod,svc",
  "apply -f web.yaml --dry-run=client",
  "apply -f web.yaml --dry-run=server",
  "apply -f web.yaml",
  "apply -f web.yaml",
  "rollout status deployment/web --timeout=30s",
  "get deployments",
  "get deploy web -o wide",
  "get deploy web -o name",
  "get deploy web -o yaml",
  "~get deploy web -o json --show-managed-fields",
  "get deploy web -o jsonpath={.spec.replicas}",
  "get deploy web -o jsonpath-as-json={.spec.template.spec.containers[*].image}",
  "get deploy web -o go-template={{.metadata.name}}",
  "get deploy -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image",
  "get pods -l app=web",
  "get pods -l app!=web",
  "~get pods -l app=web --show-labels",
  "get pods --field-selector=status.phase=Running",
  "get pods --field-selector=status.phase=Pending",
  "get pods --sort-by=.metadata.name",
  "~get pods -o wide --no-headers",
  "get pods -A -l app=nothing-has-this",
  "get pods --chunk-size=1",
  "get rs -l app=web",
  "get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].ports[0].port}",
  "get -f web.yaml",
  "get nodes",
  "get nodes --chunk-size=2 -o name",
  "get svc web -o yaml",
  "get configmaps -o name",
  "describe deployment web",
  "describe svc web",
  "describe pod nothing",
  "diff -f changed.yaml",
  "apply -f changed.yaml --server-side --field-manager=docs",
  "apply -f changed.yaml --server-side --field-manager=docs --force-conflicts",
  "rollout history deployment/web",
  "rollout history deployment/web --revision=1",
  "rollout pause deployment/web",
  "rollout resume deployment/web",
  "rollout undo deployment/web",
  "rollout restart deployment/web",
  "scale deployment/web --replicas=1",
  "scale deployment/web --current-replicas=7 --replicas=2",
  "scale --replicas=2 -f web.yaml",
  "autoscale deployment web --min=1 --max=3",
  "get hpa web -o jsonpath={.spec.maxReplicas}",
  "set image deployment/web web=nginx:1.29",
  "set env deployment/web MODE=slow",
  "set env deployment/web --list",
  "set resources deployment web --limits=cpu=200m,memory=64Mi",
  "set serviceaccount deployment web default",
  "label deployment web tier=front",
  "label deployment web tier=back",
  "label deployment web tier=back --overwrite",
  "label deployment web tier-",
  "label deployments -l app=web canary=yes",
  "annotate deployment web note=hello",
  "annotate deployment web note-",
  'patch deployment web -p {"spec":{"replicas":1}}',
  'patch deployment web --type=merge -p {"metadata":{"labels":{"a":"b"}}}',
  'patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":2}]',
  'patch deployment web --type=json -p [{"op":"test","path":"/spec/replicas","value":9}]',
  'patch deployment web --subresource=scale --type=merge -p {"spec":{"replicas":1}}',
  "create configmap cm1 --from-literal=a=b --from-literal=c=d",
  "create configmap cm2 --from-file=plain.txt",
  "create configmap cm1 --from-literal=a=b",
  "get configmap cm1 -o yaml",
  "create -f config.yaml",
  "get cm settings -o json",
  "replace -f config.yaml",
  "apply -f config.yaml",
  "delete -f config.yaml",
  "create secret generic s1 --from-literal=user=alice --from-literal=password=kestrel-harbour-42",
  "get secret s1 -o yaml",
  "get secrets",
  "apply -f secret.yaml",
  "apply -f secret.yaml",
  "create secret tls tls1 --cert=nothing --key=nothing",
  "create secret docker-registry reg --docker-username=u --docker-password=kestrel-harbour-42",
  "describe secret s1",
  "create deployment made --image=nginx --replicas=2 --port=80",
  "expose deployment made --port=80 --target-port=8080 --name=made",
  "create service clusterip cip --tcp=80:8080",
  "create serviceaccount robot",
  "create role reader --verb=get,list --resource=pods",
  "create rolebinding readers --role=reader --serviceaccount=NS:robot",
  "create quota small --hard=pods=50",
  "get quota small -o jsonpath={.spec.hard}",
  "create job hello --image=busybox -- echo hello",
  "create cronjob tick --image=busybox --schedule=0@0@*@*@* -- date",
  "create job from-tick --from=cronjob/tick",
  "create -f job.yaml",
  "get jobs -o name",
  "delete job once --cascade=orphan",
  "create ingress front --rule=shop.example/*=web:80",
  "create poddisruptionbudget guard --selector=app=web --min-available=1",
  "run once-pod --image=busybox --restart=Never -- true",
  "run tried --image=nginx --dry-run=client -o yaml",
  "wait --for=jsonpath={.status.phase}=Running pod/once-pod --timeout=20s",
  "wait --for=condition=Available deployment/web --timeout=20s",
  "wait --for=delete pod/nothing --timeout=5s",
  "events --for=deployment/web --types=Warning",
  "top node nothing",
  "apply -f invalid.yaml",
  "apply -f unknown-field.yaml",
  "apply -f unknown-kind.yaml",
  "apply -f nothing.yaml",
  "apply -k .",
  "delete pod once-pod --grace-period=1",
  "delete pod nothing",
  "delete pod nothing --ignore-not-found",
  "delete configmap cm1 cm2",
  "delete deployment -l app=made",
  "delete all -l app=nothing-has-this",
  "delete secrets --all",
  "cluster-info dump --namespaces NS -o name",
];

/** helm, without the program's name. */
export const HELM_LINES: readonly string[] = [
  "version --short",
  "list",
  "list -o json",
  "~status shop",
  "template shop chart",
  "template shop chart --set greeting=bye",
  "show chart chart",
  "show values chart",
  "lint chart",
  "install shop chart --dry-run=client",
  "install shop chart --dry-run=server",
  "install shop chart -f values.yaml",
  "install shop chart",
  "list",
  "list --all --short",
  "list --filter sh.*",
  "~status shop",
  "~status shop --revision 1",
  "get values shop",
  "get values shop --all",
  "get values shop -o json",
  "get manifest shop",
  "get notes shop",
  "get hooks shop",
  "get metadata shop",
  "get all shop",
  "history shop",
  "upgrade shop chart --set replicaCount=1",
  "upgrade shop chart --reuse-values --set greeting=bye",
  "upgrade other chart --install",
  "upgrade nothing chart",
  "get values shop --revision 2",
  "history shop --max 2 -o json",
  "rollback shop 1",
  "rollback shop 9",
  "test shop",
  "list -q",
  "uninstall other --keep-history",
  "list --uninstalled -q",
  "uninstall shop",
  "uninstall shop",
  "~status shop",
];
