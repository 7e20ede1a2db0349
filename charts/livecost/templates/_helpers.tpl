{{- define "livecost.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "livecost.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Names of objects outside all namespaces carry the release's, so that two releases do not share a role. */ -}}
{{- define "livecost.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "livecost.fullname" .) }}
{{- end }}

{{- define "livecost.selectorLabels" -}}
app.kubernetes.io/name: {{ include "livecost.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "livecost.labels" -}}
{{ include "livecost.selectorLabels" . }}
{{ include "livecost.releaseLabels" . }}
{{- end }}

{{- /* Of a name of their own: the operator's selector must not match the pages' pods. */ -}}
{{- define "livecost.webSelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-web" (include "livecost.name" . | trunc 59 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "livecost.webLabels" -}}
{{ include "livecost.webSelectorLabels" . }}
{{ include "livecost.releaseLabels" . }}
{{- end }}

{{- define "livecost.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "livecost.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "livecost.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: name the account that serviceAccount.create=false takes" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "livecost.webName" -}}
{{- printf "%s-web" (include "livecost.fullname" .) }}
{{- end }}

{{- define "livecost.webServiceAccountName" -}}
{{- if .Values.web.serviceAccount.create }}
{{- default (include "livecost.webName" .) .Values.web.serviceAccount.name }}
{{- else }}
{{- required "web.serviceAccount.name: name the account that web.serviceAccount.create=false takes" .Values.web.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "livecost.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- /* The operator's arguments, one JSON string a line: each setting is the flag of the same name. */ -}}
{{- define "livecost.arguments" -}}
- operator
- {{ printf "--listen-address=%s" .Values.listenAddress | toJson }}
- --listen-port=8080
- --lease-namespace={{ .Release.Namespace }}
{{- range .Values.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- include "livecost.settingFlags" .Values.settings }}
{{- include "livecost.secretFlags" . }}
{{- end }}

{{- /* The pages' arguments; browsers may ask by the names of the Service, of the Ingress, and of this machine (port-forward). */ -}}
{{- define "livecost.webArguments" -}}
{{- $service := include "livecost.webName" . }}
{{- $prometheus := pick .Values.settings "prometheusUrl" "prometheusUsername" "prometheusHeaders" "prometheusTimeoutSeconds" "prometheusMaxResponseMib" }}
- web
- {{ printf "--host=%s" .Values.listenAddress | toJson }}
- --port=8000
- --allowed-host={{ $service }}
- --allowed-host={{ $service }}.{{ .Release.Namespace }}
- --allowed-host={{ $service }}.{{ .Release.Namespace }}.svc
- --allowed-host={{ $service }}.{{ .Release.Namespace }}.svc.cluster.local
{{- if .Values.web.ingress.enabled }}
- --allowed-host={{ .Values.web.ingress.host }}
{{- end }}
{{- range .Values.web.allowedHosts }}
- {{ printf "--allowed-host=%s" . | toJson }}
{{- end }}
{{- range .Values.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- include "livecost.settingFlags" $prometheus }}
{{- include "livecost.secretFlags" . }}
{{- end }}

{{- /* A flag for each of the settings that it is given. */ -}}
{{- define "livecost.settingFlags" -}}
{{- range $name, $value := . }}
{{- $flag := kebabcase $name }}
{{- if eq $name "prometheusHeaders" }}
{{- range $header, $text := $value }}
- {{ printf "--prometheus-header=%s=%s" $header $text | toJson }}
{{- end }}
{{- else if kindIs "bool" $value }}
{{- if $value }}
- --{{ $flag }}
{{- else if eq $name "leaderElect" }}
- --no-leader-elect
{{- end }}
{{- else if kindIs "string" $value }}
{{- if $value }}
- {{ printf "--%s=%s" $flag $value | toJson }}
{{- end }}
{{- else }}
- --{{ $flag }}={{ toJson $value }}
{{- end }}
{{- end }}
{{- end }}

{{- define "livecost.secretFlags" -}}
{{- with .Values.prometheusSecret }}
{{- if .tokenKey }}
- --prometheus-token-file=/etc/livecost/prometheus/{{ .tokenKey }}
{{- end }}
{{- if .passwordKey }}
- --prometheus-password-file=/etc/livecost/prometheus/{{ .passwordKey }}
{{- end }}
{{- if .caKey }}
- --prometheus-ca-file=/etc/livecost/prometheus/{{ .caKey }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Rules on the enabled kinds of one scope; takes {root, scope}. */ -}}
{{- define "livecost.targetRules" -}}
{{- $targets := (.root.Files.Get "files/rights.yaml" | fromYaml).targets }}
{{- $scope := .scope }}
{{- range .root.Values.targetKinds }}
{{- $target := index $targets . }}
{{- if eq $target.scope $scope }}
{{ toYaml $target.rules }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Rules on objects in namespaces: own ones, targets, and what the values add. */ -}}
{{- define "livecost.namespacedRules" -}}
{{ toYaml (.Files.Get "files/rights.yaml" | fromYaml).namespaced }}
{{- include "livecost.targetRules" (dict "root" . "scope" "Namespaced") }}
{{- with .Values.rbac.extraRules }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* What the pages read in a namespace: own objects, and targets whose count depends on their zones. */ -}}
{{- define "livecost.webNamespacedRules" -}}
{{ toYaml (.Files.Get "files/rights.yaml" | fromYaml).web.namespaced }}
{{- include "livecost.webTargetRules" (dict "root" . "scope" "Namespaced") }}
{{- end }}

{{- /* What the pages read of the enabled kinds of one scope; takes {root, scope}. */ -}}
{{- define "livecost.webTargetRules" -}}
{{- $targets := (.root.Files.Get "files/rights.yaml" | fromYaml).targets }}
{{- $scope := .scope }}
{{- range .root.Values.targetKinds }}
{{- $target := index $targets . }}
{{- if and $target.webRules (eq $target.scope $scope) }}
{{ toYaml $target.webRules }}
{{- end }}
{{- end }}
{{- end }}

{{- define "livecost.webSubjects" -}}
- kind: ServiceAccount
  name: {{ include "livecost.webServiceAccountName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end }}

{{- /* What the operator's pods and those of the pages have alike: what the Pod Security Standard restricted asks for. */ -}}
{{- define "livecost.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "livecost.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "livecost.prometheusVolume" -}}
- name: prometheus
  secret:
    secretName: {{ .Values.prometheusSecret.name | quote }}
    defaultMode: 0440
    # What else the Secret holds is none of the pod's business.
    items:
    {{- with .Values.prometheusSecret }}
    {{- range $key := compact (list .tokenKey .passwordKey .caKey) | uniq }}
    - {key: {{ $key | quote }}, path: {{ $key | quote }}}
    {{- end }}
    {{- end }}
{{- end }}

{{- define "livecost.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 0 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{- define "livecost.subjects" -}}
- kind: ServiceAccount
  name: {{ include "livecost.serviceAccountName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end }}
